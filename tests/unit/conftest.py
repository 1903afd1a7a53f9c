"""How hypothesis judges: never by the clock."""

from hypothesis import HealthCheck, settings

# the first text that a process draws takes as long as hypothesis needs to list all characters, and
# on a machine that is busy everything takes longer
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")
