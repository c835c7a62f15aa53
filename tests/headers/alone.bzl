"""One translation unit for each header of a list."""

def _one_include_each_impl(ctx):
    folder = ctx.actions.declare_directory(ctx.label.name)
    ctx.actions.run_shell(
        inputs = [ctx.file.list],
        outputs = [folder],
        arguments = [ctx.file.list.path, folder.path],
        # Twice: the second time the guard is what is tested.
        command = """
            set -eu
            sed -e 's/#.*//' -e '/^ *$/d' "$1" | while read -r header; do
              file="$2/$(echo "${header%.h}" | tr / _)_alone.cc"
              printf '#include "parkour/%s"\n' "$header" "$header" > "$file"
            done
        """,
    )
    return [DefaultInfo(files = depset([folder]))]

# A folder of sources, each of which includes one header of `list` and nothing
# else; for the srcs of a cc_library.
one_include_each = rule(
    implementation = _one_include_each_impl,
    attrs = {"list": attr.label(allow_single_file = [".txt"], mandatory = True)},
)
