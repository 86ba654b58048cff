from .planted import planted_session as planted_session
from .synthetic import synthetic_recording as synthetic_recording
from .synthetic_file import synthetic_file as synthetic_file
