"""What the command line and the parts it starts take when nobody says otherwise."""

from pathlib import Path

PORT = 8080
WORKER_THREADS = 4
"""Deliveries a Celery worker makes at a time."""
TASK_QUEUE = "tasks"
"""What Celery's queue is called, within the namespace."""
MASTER_DATA = "master-data"
"""The endpoint that master data comes in through."""
DISTRIBUTOR = Path(__file__).parent / "distributor"
"""The master data of a distributor of medical devices that does not exist; also examples of the files' shapes."""
