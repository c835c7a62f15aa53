"""The rules every room of Parkour is built with.

A header `runtime/g.h` is included as "parkour/runtime/g.h": plain "net/..."
would collide with the C library's folder of that name.
"""

# Belongs to the library, not only to this workspace: a frame that is larger
# than a guard page must probe every page on its way down, or it steps over the
# guard into the neighbouring goroutine's stack.
PARKOUR_COPTS = [
    "-fstack-clash-protection",
    "-fno-omit-frame-pointer",
]

def parkour_library(name, copts = [], **kwargs):
    """A cc_library whose headers are included with the project's prefix."""
    package = native.package_name()
    native.cc_library(
        name = name,
        include_prefix = "parkour" + ("/" + package if package else ""),
        copts = PARKOUR_COPTS + copts,
        **kwargs
    )

def parkour_test(name, size = "small", copts = [], deps = [], **kwargs):
    """A GoogleTest: one file beside the code it tests, unless told otherwise."""
    native.cc_test(
        name = name,
        size = size,
        srcs = kwargs.pop("srcs", [name + ".cc"]),
        copts = PARKOUR_COPTS + copts,
        # tests/traces runs some of them once more.
        visibility = ["//tests:__subpackages__"],
        deps = deps + ["@googletest//:gtest_main"],
        **kwargs
    )
