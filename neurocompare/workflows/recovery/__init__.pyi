from .recover import recover as recover
from .recover import recover_run as recover_run
