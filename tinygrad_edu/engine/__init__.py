"""The engine: how calls are recorded and how gradients flow back. Read it in this order:

1. `node`: what a recorded call leaves behind.
2. `primitive`: an op that can be differentiated, and how its rules' answers reach its inputs.
3. `record`: the recorder.
4. `sweep`: the one loop of backward; `backward`: what is asked of it and where gradients go.
5. `mode`: whether to record, and in which scope; `saved`: in-place writes, and how they are caught.
6. `traced`: an array with a node, which Tensor grows from; `table`: all declarations.
7. `watching` and `events`: for who wants to know. `errors`: what is said when something cannot be.
8. `fast`, which nobody needs to understand the rest: generated twins of the recorder, in less time.
"""
