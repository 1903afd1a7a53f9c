"""FLOOR 2, know-how that two or more steps share; it may ask the ports, and knows neither the step
contract nor the engine."""
