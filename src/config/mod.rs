//! Settings with their origin: flag over environment over file over default.
