"""What `tools/install` installs, as a folder.

  include/parkour/...                headers
  lib/libparkour.a                   all rooms in one archive
  lib/libparkour_testing.a           room testing
  lib/pkgconfig/parkour.pc
  lib/cmake/parkour/*.cmake          find_package(parkour)

Which headers, objects and system libraries there are is what Bazel knows of the
target: nothing is listed twice.
"""

def _archives_and_flags(linking):
    """Archives and linker's options of all that a target stands on."""
    archives = []
    flags = []
    for linker_input in linking.linker_inputs.to_list():
        for library in linker_input.libraries:
            archive = library.static_library or library.pic_static_library
            if archive != None:
                archives.append(archive)
        flags += linker_input.user_link_flags
    return archives, flags

def _unique_from_the_end(flags):
    """Each flag once, where it comes last: a library behind its users."""
    result = []
    for flag in reversed(flags):
        if flag not in result:
            result.insert(0, flag)
    return result

def _headers(info):
    headers = []
    for header in info.compilation_context.headers.to_list():
        place = header.path.partition("/_virtual_includes/")[2]
        if place.partition("/")[2].startswith("parkour/"):
            headers.append(header)
    return headers

def _dist_impl(ctx):
    folder = ctx.actions.declare_directory(ctx.label.name)
    headers = _headers(ctx.attr.testing[CcInfo])
    archives, flags = _archives_and_flags(
        ctx.attr.library[CcInfo].linking_context,
    )
    with_testing, testing_flags = _archives_and_flags(
        ctx.attr.testing[CcInfo].linking_context,
    )
    testing = [a for a in with_testing if a not in archives]
    testing_flags = [f for f in testing_flags if f not in flags]
    lists = ctx.actions.declare_file(ctx.label.name + ".list")
    ctx.actions.write(lists, "".join(
        ["header %s\n" % h.path for h in headers] +
        ["archive %s\n" % a.path for a in archives] +
        ["flag %s\n" % f for f in _unique_from_the_end(flags)] +
        ["testing_archive %s\n" % a.path for a in testing] +
        ["testing_flag %s\n" % f for f in _unique_from_the_end(testing_flags)],
    ))
    ctx.actions.run(
        executable = ctx.executable._tool,
        arguments = [lists.path, folder.path, ctx.attr.version],
        inputs = headers + archives + testing + [lists],
        outputs = [folder],
        mnemonic = "ParkourDist",
    )
    return [DefaultInfo(
        files = depset([folder]),
        runfiles = ctx.runfiles(files = [folder]),
    )]

parkour_dist = rule(
    implementation = _dist_impl,
    attrs = {
        "library": attr.label(providers = [CcInfo], mandatory = True),
        "testing": attr.label(providers = [CcInfo], mandatory = True),
        "version": attr.string(mandatory = True),
        "_tool": attr.label(
            default = "//tools/build:dist",
            executable = True,
            cfg = "host",
        ),
    },
)
