"""What `tools/install` installs, as a folder.

  include/parkour/...                headers
  lib/libparkour.a                   all rooms in one archive
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

def _dist_impl(ctx):
    info = ctx.attr.library[CcInfo]
    archives, flags = _archives_and_flags(info.linking_context)
    folder = ctx.actions.declare_directory(ctx.label.name)
    headers = []
    for header in info.compilation_context.headers.to_list():
        place = header.path.partition("/_virtual_includes/")[2]
        if place.partition("/")[2].startswith("parkour/"):
            headers.append(header)
    lists = ctx.actions.declare_file(ctx.label.name + ".list")
    ctx.actions.write(lists, "".join(
        ["header %s\n" % h.path for h in headers] +
        ["archive %s\n" % a.path for a in archives] +
        ["flag %s\n" % f for f in _unique_from_the_end(flags)],
    ))
    ctx.actions.run(
        executable = ctx.executable._tool,
        arguments = [lists.path, folder.path, ctx.attr.version],
        inputs = headers + archives + [lists],
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
        "version": attr.string(mandatory = True),
        "_tool": attr.label(
            default = "//tools/build:dist",
            executable = True,
            cfg = "host",
        ),
    },
)
