"""The scheduler or a server of MXNet's parameter server; DMLC_ROLE says which.

Nothing stands below the import, because it does not come back: in these two roles
MXNet works inside of it, and ends the process when all workers have left.
"""
import signal

signal.alarm(3600)  # seconds: if the workers never leave and nobody else ends us

import d2l_bn  # noqa: E402, F401 - it imports mxnet
