"""The demo shop's pictures as code. See README.md."""
