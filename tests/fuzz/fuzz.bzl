"""A fuzz target: NAME.cc and the inputs in corpus/NAME."""

load("//tools/build:defs.bzl", "PARKOUR_COPTS", "parkour_test")

def fuzz_target(name, deps, size = "small"):
    """NAME_test tries the corpus; NAME_fuzzer searches (tools/fuzz).

    Args:
      name: of the file that defines the target, without ".cc".
      deps: what it parses with.
      size: of the test.
    """
    native.cc_library(
        name = name,
        testonly = True,
        srcs = [name + ".cc"],
        copts = PARKOUR_COPTS,
        deps = deps + [":target"],
        alwayslink = True,
    )
    parkour_test(
        name = name + "_test",
        size = size,
        srcs = ["corpus_test.cc"],
        data = native.glob(["corpus/" + name + "/**"]),
        deps = [
            ":" + name,
            ":target",
            "//base",
            "//tests/campaign",
            "//tests/child",
        ],
    )
    native.cc_binary(
        name = name + "_fuzzer",
        testonly = True,
        srcs = ["libfuzzer.cc"],
        # gcc has no libFuzzer.
        linkopts = ["-fsanitize=fuzzer"],
        tags = ["manual"],
        deps = [
            ":" + name,
            ":target",
        ],
    )
