"""JupyterHub for a class: how it is started stands in class_server.md."""
c = get_config()  # noqa: F821 - JupyterHub puts it there

c.JupyterHub.bind_url = "http://:8000"
c.JupyterHub.db_url = "sqlite:////srv/hub/state.sqlite"
c.JupyterHub.cookie_secret_file = "/srv/hub/cookie_secret"
c.ConfigurableHTTPProxy.pid_file = "/srv/hub/proxy.pid"
c.Authenticator.allowed_groups = {"learners"}  # of the machine, not of the hub
c.PAMAuthenticator.open_sessions = False  # the hub only asks for the password

# Learners have the environment's Python as their kernel, and one copy of the data.
c.Spawner.notebook_dir = "~/course"
c.Spawner.environment = {
    "MXNET_HOME": "/srv/course-data",
    "LOKY_MAX_CPU_COUNT": "1",  # lesson 05 trains nine nets: one at a time for each
}
# A process may ask for no more than this; a lesson needs less (class_server.md).
c.Spawner.cmd = ["prlimit", "--as=8000000000", "jupyterhub-singleuser"]
c.Spawner.args = [
    # Kernels talk through files that only their owner can open, not through ports.
    "--KernelManager.transport=ipc",
    "--MappingKernelManager.cull_idle_timeout=3600",  # seconds without a cell running
    "--MappingKernelManager.cull_connected=True",  # with the page still open, too
]
