"""Licences: what the electronic licence library 电子证照库 knows of a holder, and who read it why."""
