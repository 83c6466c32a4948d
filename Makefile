# The one command beyond cargo: tests against other people's tools.
.PHONY: interop
interop:
	bash tests/interop/run.sh
