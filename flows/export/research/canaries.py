"""Canaries: no id, day or sentence of the release, and no place that it lies in, stands in any file of an export."""

import getpass
import hashlib
import io
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from flows.errors import Usage
from flows.export import folder
from flows.export.attack import Attack, Target
from flows.release import Release, open_release
