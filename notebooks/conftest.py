"""Read by pytest when it runs the lessons: pytest --nbval notebooks/"""
import os

# nbval compares what a cell writes, and a progress bar writes other times in each run.
# The kernels inherit this.
os.environ["TQDM_DISABLE"] = "1"
