"""The Web API methods, one module a family; each is `call(workspace, arguments) -> answer`."""
