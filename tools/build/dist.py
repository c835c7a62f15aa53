#!/usr/bin/python3
# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""dist.py LIST FOLDER VERSION: makes the folder that is installed.

LIST has a line for each header, archive and linker's option, see dist.bzl.
"""

import os
import shutil
import subprocess
import sys

# What code that runs in goroutines is compiled with: docs/CPP_TRAPS.md.
COMPILE = ["-fstack-clash-protection", "-fno-omit-frame-pointer", "-pthread"]
# The runtime names room boot weakly, which takes nothing out of an archive.
WHOLE = "-Wl,--undefined=_ZN7parkour7runtime11BootRuntimeEv"

PKG_CONFIG = """\
prefix=${{pcfiledir}}/../..
includedir=${{prefix}}/include
libdir=${{prefix}}/lib

Name: parkour
Description: Go's runtime as a C++20 library
Version: {version}
Cflags: -I${{includedir}} -std=c++20 {compile}
Libs: -L${{libdir}} {whole} -lparkour {libraries} -pthread
"""

PKG_CONFIG_TESTING = """\
prefix=${{pcfiledir}}/../..
libdir=${{prefix}}/lib

Name: parkour_testing
Description: For tests of programs that use Parkour, with GoogleTest
Version: {version}
Requires: parkour
Libs: -L${{libdir}} -lparkour_testing {libraries}
"""

CMAKE = """\
# find_package(parkour) gives the targets parkour::parkour and, for tests,
# parkour::testing.
include(CMakeFindDependencyMacro)
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_dependency(Threads)
get_filename_component(_parkour "${{CMAKE_CURRENT_LIST_DIR}}/../../.." ABSOLUTE)
if(NOT TARGET parkour::parkour)
  add_library(parkour::parkour STATIC IMPORTED)
  set_target_properties(parkour::parkour PROPERTIES
    IMPORTED_LOCATION "${{_parkour}}/lib/libparkour.a"
    IMPORTED_LINK_INTERFACE_LANGUAGES CXX
    INTERFACE_INCLUDE_DIRECTORIES "${{_parkour}}/include"
    INTERFACE_COMPILE_FEATURES cxx_std_20
    INTERFACE_COMPILE_OPTIONS "{compile}"
    INTERFACE_LINK_OPTIONS "{whole}"
    INTERFACE_LINK_LIBRARIES "{libraries};Threads::Threads")
  add_library(parkour::testing STATIC IMPORTED)
  set_target_properties(parkour::testing PROPERTIES
    IMPORTED_LOCATION "${{_parkour}}/lib/libparkour_testing.a"
    IMPORTED_LINK_INTERFACE_LANGUAGES CXX
    INTERFACE_LINK_LIBRARIES "parkour::parkour;{testing}")
endif()
unset(_parkour)
"""

CMAKE_VERSION = """\
set(PACKAGE_VERSION {version})
if(PACKAGE_FIND_VERSION VERSION_GREATER PACKAGE_VERSION)
  set(PACKAGE_VERSION_COMPATIBLE FALSE)
else()
  set(PACKAGE_VERSION_COMPATIBLE TRUE)
  if(PACKAGE_FIND_VERSION VERSION_EQUAL PACKAGE_VERSION)
    set(PACKAGE_VERSION_EXACT TRUE)
  endif()
endif()
"""


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def install_headers(headers, include):
    for header in headers:
        name = header.split("/_virtual_includes/")[1].split("/", 1)[1]
        target = os.path.join(include, name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copyfile(header, target)


def merge(archives, target):
    """All members of all archives in one."""
    os.makedirs(os.path.dirname(target), exist_ok=True)
    script = [f"create {target}"]
    script += [f"addlib {archive}" for archive in archives]
    subprocess.run(["ar", "-M"], input="\n".join(script + ["save", "end", ""]),
                   text=True, check=True)
    subprocess.run(["ranlib", "-D", target], check=True)


def main():
    lists, folder, version = sys.argv[1:]
    found = {"header": [], "archive": [], "flag": [], "testing_archive": [],
             "testing_flag": []}
    with open(lists, encoding="utf-8") as f:
        for line in f:
            kind, value = line.rstrip("\n").split(" ", 1)
            found[kind].append(value)
    install_headers(found["header"], os.path.join(folder, "include"))
    merge(found["archive"], os.path.join(folder, "lib/libparkour.a"))
    merge(found["testing_archive"],
          os.path.join(folder, "lib/libparkour_testing.a"))
    pkg_config = os.path.join(folder, "lib/pkgconfig")
    write(os.path.join(pkg_config, "parkour.pc"), PKG_CONFIG.format(
        version=version, compile=" ".join(COMPILE), whole=WHOLE,
        libraries=" ".join(found["flag"])))
    write(os.path.join(pkg_config, "parkour_testing.pc"),
          PKG_CONFIG_TESTING.format(
              version=version, libraries=" ".join(found["testing_flag"])))
    cmake = os.path.join(folder, "lib/cmake/parkour")
    write(os.path.join(cmake, "parkourConfig.cmake"), CMAKE.format(
        compile=";".join(COMPILE), whole=WHOLE,
        libraries=";".join(found["flag"]),
        testing=";".join(found["testing_flag"])))
    write(os.path.join(cmake, "parkourConfigVersion.cmake"),
          CMAKE_VERSION.format(version=version))


if __name__ == "__main__":
    main()
