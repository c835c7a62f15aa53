"""A test and the library below it, by another compiler or with other flags.

Bazel has one compiler and one set of flags a build. What C++ promises across a
park depends on both, so these few tests are built once more for each: all
sources of the library that the test needs, from the BUILD files as they are.
"""

_Sources = provider(fields = {"files": "depset of .cc files"})

def _sources_impl(_target, ctx):
    own = [f for f in getattr(ctx.rule.files, "srcs", []) if f.extension == "cc"]
    below = [d[_Sources].files for d in getattr(ctx.rule.attr, "deps", [])]
    return [_Sources(files = depset(own, transitive = below))]

_sources = aspect(implementation = _sources_impl, attr_aspects = ["deps"])

# Most of the time goes into these, so they are compiled once a variant. The
# header that includes them is empty and always there: clang insists on finding
# it again.
_PRECOMPILED = [
    "algorithm",
    "functional",
    "memory",
    "string",
    "thread",
    "vector",
    "absl/status/statusor.h",
    "absl/strings/str_cat.h",
    "absl/time/time.h",
    "gtest/gtest.h",
]

def _precompile(ctx, common):
    clang = ctx.attr.compiler.startswith("clang")
    out = ctx.actions.declare_file(
        "%s.objs/pch.h.%s" % (ctx.label.name, "pch" if clang else "gch"),
    )
    args = ctx.actions.args()
    args.add_all(common)
    args.add_all(_PRECOMPILED, before_each = "-include")
    args.add_all(["-x", "c++-header", "/dev/null", "-o", out])
    if clang:
        args.add_all(["-Xclang", "-fno-pch-timestamp"])
    _run(ctx, args, [], out, "Precompile")
    if clang:
        return out, ["-include-pch", out.path]
    return out, ["-include", out.path[:-len(".gch")]]

def _run(ctx, args, inputs, out, mnemonic):
    ctx.actions.run(
        executable = "/usr/bin/" + ctx.attr.compiler,
        arguments = [args],
        inputs = inputs,
        outputs = [out],
        mnemonic = "Variant" + mnemonic,
        progress_message = "%s %s" % (ctx.label, out.basename),
        use_default_shell_env = True,
    )

def _variant_test_impl(ctx):
    cc = cc_common.merge_cc_infos(
        cc_infos = [d[CcInfo] for d in ctx.attr.deps],
    )
    context = cc.compilation_context
    cpp = ctx.fragments.cpp

    # -O and NDEBUG come from Bazel's compilation mode, which is not asked.
    common = cpp.copts + cpp.cxxopts + ["-g0", "-fPIE"] + ctx.attr.copts
    common += ["-D" + d for d in context.defines.to_list()]
    pch, use_pch = _precompile(ctx, common)

    files = depset(
        ctx.files.srcs,
        transitive = [d[_Sources].files for d in ctx.attr.deps],
    )
    objects = []
    for f in files.to_list():
        out = ctx.actions.declare_file(
            "%s.objs/%s.o" % (ctx.label.name, f.short_path.replace("/", "_")),
        )
        args = ctx.actions.args()
        args.add_all(use_pch)
        args.add_all(common)
        for path in [context.includes, context.system_includes]:
            args.add_all(path, before_each = "-I")
        args.add_all(context.quote_includes, before_each = "-iquote")
        args.add_all(["-c", f, "-o", out])
        inputs = depset([f, pch], transitive = [context.headers])
        _run(ctx, args, inputs, out, "Compile")
        objects.append(out)

    program = ctx.actions.declare_file(ctx.label.name)
    args = ctx.actions.args()
    args.add_all(ctx.attr.copts + ctx.attr.linkopts + ["-pie", "-o", program])
    args.add_all(objects)
    for i in cc.linking_context.linker_inputs.to_list():
        args.add_all(i.user_link_flags)
    args.add_all(cpp.linkopts)
    _run(ctx, args, objects, program, "Link")
    return [DefaultInfo(
        executable = program,
        runfiles = ctx.runfiles(files = [program]),
    )]

variant_test = rule(
    implementation = _variant_test_impl,
    test = True,
    fragments = ["cpp"],
    attrs = {
        "srcs": attr.label_list(allow_files = [".cc"]),
        "deps": attr.label_list(providers = [CcInfo], aspects = [_sources]),
        "compiler": attr.string(values = ["g++", "clang++"]),
        "copts": attr.string_list(doc = "of compiling and linking"),
        "linkopts": attr.string_list(),
    },
)
