from .planted import planted_session as planted_session
from .planted import synthetic_file as synthetic_file
from .synthetic import synthetic_recording as synthetic_recording
