#!/usr/bin/env bash
# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
exec tests/soak/soak 8
