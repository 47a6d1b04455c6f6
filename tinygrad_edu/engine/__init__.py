"""The engine: how calls are recorded and how gradients flow back. Read it in this order:

1. `node`: what a recorded call leaves behind; `mode`: whether to record, and in which scope;
   `traced`: an array with a node, which Tensor grows from.
2. `primitive`: an op that can be differentiated, and how its rules' answers reach its inputs.
3. `record`: the recorder.
4. `saved`: in-place writes, and how they are caught; `sweep`: the one loop of backward;
   `backward`: what is asked of it and where gradients go.
5. `table`: all declarations; `watching` and `events`: for who wants to know; `errors`: the words.
6. `fast`, which nobody needs to understand the rest: generated twins of the recorder, in less time.
"""
