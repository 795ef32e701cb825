"""Each machine's part of the connections that a run may have open, over all machines.

A server counts what comes from everywhere: a limit that each machine of a cluster kept for
itself would be as many times too much as there are machines.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline.config.sources import Read

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def shared_among_machines(read: Read, spark: SparkSession) -> Read:
    """``read`` for the tasks of ``spark``: its ``connections_per_machine`` is what each may open.

    The part of ``read.connections`` that falls on a machine, or what the configuration says
    itself; at least one.
    """
    if read.connections_per_machine:
        return read
    number = machines(_hosts_of_executors(spark), _executors_to_come(spark))
    share = max(1, read.connections // number)
    return read.model_copy(update={"connections_per_machine": share})


def machines(hosts: Sequence[str], executors: int) -> int:
    """How many machines there are, or will be: at least 1.

    ``hosts``: of each executor that there is now; ``executors``: as many as there are to be,
    which are spread as these are.
    """
    if not hosts:
        return max(1, executors)
    several = len(set(hosts))
    return max(several, -(-several * executors // len(hosts)))


def _hosts_of_executors(spark: SparkSession) -> list[str]:
    context = spark.sparkContext
    if (context.master or "").partition("[")[0] == "local":
        return ["localhost"]
    infos = context._jsc.sc().statusTracker().getExecutorInfos()
    hosts = [info.host() for info in infos]
    # The driver is among them, as one more.
    driver = context.getConf().get("spark.driver.host", "")
    if driver in hosts:
        hosts.remove(driver)
    return hosts


def _executors_to_come(spark: SparkSession) -> int:
    conf = spark.sparkContext.getConf()
    wanted = [conf.get("spark.executor.instances", "0")]
    if conf.get("spark.dynamicAllocation.enabled", "false") == "true":
        wanted.append(conf.get("spark.dynamicAllocation.maxExecutors", "0"))
    # Without a greatest number Spark says the greatest of Java.
    numbers = [int(text) for text in wanted if text and int(text) < (1 << 31) - 1]
    return max(numbers, default=0)
