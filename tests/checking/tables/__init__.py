"""Sample arguments for every public name of the package that has a derivative."""
