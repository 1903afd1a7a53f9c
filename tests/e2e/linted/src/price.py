import os

PRICE_EUR = 12
