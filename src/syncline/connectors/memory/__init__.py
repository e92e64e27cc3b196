"""The reference connector and the system in memory it speaks to: for authors to read, and for tests."""

from syncline.connectors.memory.connector import MemoryConnector
from syncline.connectors.memory.faults import Crash, Fault
from syncline.connectors.memory.schema import memory_schema
from syncline.connectors.memory.system import Automation, MemorySystem, Quirks

__all__ = ["Automation", "Crash", "Fault", "MemoryConnector", "MemorySystem", "Quirks", "memory_schema"]
