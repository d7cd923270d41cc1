# Two commands do all the set-up on a fresh machine (Debian, Python 3.11, make, pip): `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LANDING ?= $(CURDIR)/demo/landing
ROOT ?= $(CURDIR)/demo/lake

.DEFAULT_GOAL := help
.PHONY: help env demo up test lint types unit bench clean

help: ## 列出各目标 (list the targets)
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## (.*)/  make \1\t\2/' | expand -t 16

env: $(VENV)/.ready ## 只装环境到 .venv (environment only)

$(VENV)/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

demo: env ## 模拟五个系统的导出并跑完整条流水线 (simulated exports, the whole pipeline)
	$(BIN)/dispute-lake demo --out demo

up: env ## 打开 Dagster 网页与守护进程（LANDING= ROOT= 指定目录）(web UI and daemon)
	LAKE_LANDING=$(LANDING) LAKE_ROOT=$(ROOT) $(BIN)/dispute-lake up

test: env ## 检查与测试全部 (linters, types, tests)
	.ci/checks

lint: env ## 只跑格式与分层检查 (ruff and import-linter)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: env ## 只跑类型检查 (mypy)
	$(BIN)/mypy

unit: env ## 只跑 pytest
	$(BIN)/python -m pytest

bench: env ## 速度与内存，结果写入 docs/benchmarks.md (speed and memory)
	$(BIN)/python -m tests.bench

clean: ## 删除演示数据与缓存 (remove the demo and caches)
	rm -rf demo .mypy_cache .ruff_cache .pytest_cache
