"""The repositories that Parkour's build files name.

A WORKSPACE of somebody else's that has Parkour as @parkour calls it:

    load("@parkour//tools/build:workspace.bzl", "parkour_dependencies")

    parkour_dependencies()

Every dependency is a Debian 12 package, mapped onto the system's own folders:
nothing is downloaded. A repository that the caller has defined before is left
as it is. What each package is for stands in docs/DEPENDENCIES.md; the build
files that know where they live are in third_party/.
"""

_SYSTEM = {
    "abseil": "/usr/include/absl",
    "benchmark": "/usr/include/benchmark",
    "boost_context": "/usr/include/boost/context",
    "googletest": "/usr/include/gtest",
    "libbacktrace": "/usr/lib/gcc/x86_64-linux-gnu/12",
    "protozero": "/usr/include/protozero",
    "spdlog": "/usr/include/spdlog",
    "sqlite": "/usr/lib/x86_64-linux-gnu/pkgconfig",
    "zlib": "/usr/lib/x86_64-linux-gnu/pkgconfig",
}

# What Bazel's own tools ask for.
_BAZEL = {
    "bazel_skylib": "/usr/share/bazel/tools/skylib",
    "platforms": "/usr/share/bazel/tools/platforms",
    "rules_java": "/usr/share/bazel/rules/java",
    "rules_proto": "/usr/share/bazel/rules/proto",
}

def _folder_of_parkour_impl(ctx):
    folder = ctx.path(ctx.attr.build_file).dirname
    for entry in folder.readdir():
        ctx.symlink(entry, entry.basename)

# A folder of Parkour's own as a repository, wherever Parkour lies.
_folder_of_parkour = repository_rule(
    implementation = _folder_of_parkour_impl,
    attrs = {"build_file": attr.label(mandatory = True)},
)

def parkour_dependencies():
    """Defines what is not defined yet."""
    for name, path in _SYSTEM.items():
        if not native.existing_rule(name):
            native.new_local_repository(
                name = name,
                build_file = str(Label("//third_party:%s.BUILD" % name)),
                path = path,
            )
    for name, path in _BAZEL.items():
        if not native.existing_rule(name):
            native.local_repository(name = name, path = path)

    # Debian's bazel-rules-cc is made for a newer Bazel than Debian's, so a shim
    # over the native rules stands in for it; of the other Bazel only wants to
    # see that it is there.
    for name in ["rules_cc", "remote_coverage_tools"]:
        if not native.existing_rule(name):
            _folder_of_parkour(
                name = name,
                build_file = Label("//third_party/%s:BUILD.bazel" % name),
            )
