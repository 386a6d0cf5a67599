"""The big screen and the wall map: figures of the desk, larger."""
