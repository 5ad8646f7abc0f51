package dev.sparsed.text.internal.jinja;

/** Python's {@code '{}'.format(values)}. */
final class BraceFormat {

  private final String format;
  private final CallArguments arguments;
  private final TextBuilder out;
  private int position;
  private long next;

  private BraceFormat(String format, CallArguments arguments) {
    this.format = format;
    this.arguments = arguments;
    out = new TextBuilder(arguments.budget());
  }

  static Object format(String format, CallArguments arguments) {
    return new BraceFormat(format, arguments).run();
  }

  private String run() {
    arguments.budget().read(4L * format.length());
    while (position < format.length()) {
      int start = position;
      while (position < format.length() && "{}".indexOf(format.charAt(position)) < 0) {
        position++;
      }
      out.append(format, start, position);
      if (position < format.length()) {
        brace();
      }
    }
    return out.toString();
  }

  private void brace() {
    char brace = format.charAt(position);
    boolean twice = position + 1 < format.length() && format.charAt(position + 1) == brace;
    if (twice) {
      out.append(String.valueOf(brace));
      position += 2;
      return;
    }
    int end = format.indexOf('}', position);
    if (brace == '}' || end < 0) {
      throw new JinjaException("a single brace stands in a format");
    }
    String field = format.substring(position + 1, end);
    position = end + 1;
    if (field.indexOf('{') >= 0) {
      throw new JinjaException("braces within braces are not supported in a format");
    }
    out.append(field(field));
  }

  private String field(String field) {
    Budget budget = arguments.budget();
    budget.read(8L * field.length());
    int colon = field.indexOf(':');
    String spec = colon < 0 ? "" : field.substring(colon + 1);
    String head = colon < 0 ? field : field.substring(0, colon);
    int exclamation = head.indexOf('!');
    String conversion = exclamation < 0 ? "" : head.substring(exclamation + 1);
    Object value = value(exclamation < 0 ? head : head.substring(0, exclamation));
    return switch (conversion) {
      case "" -> FormatSpec.format(value, spec, budget);
      case "s" -> FormatSpec.format(PythonPrinting.str(value, budget), spec, budget);
      case "r" -> FormatSpec.format(PythonPrinting.repr(value, budget), spec, budget);
      default -> throw new JinjaException("the conversion !" + conversion + " is not supported");
    };
  }

  /** The value of a name or number, and what stands behind dots and in brackets after it. */
  private Object value(String path) {
    int end = 0;
    while (end < path.length() && ".[".indexOf(path.charAt(end)) < 0) {
      end++;
    }
    Object value = first(path.substring(0, end));
    while (end < path.length()) {
      boolean dot = path.charAt(end) == '.';
      int start = end + 1;
      end = dot ? start : path.indexOf(']', start);
      while (dot && end < path.length() && ".[".indexOf(path.charAt(end)) < 0) {
        end++;
      }
      if (end < start) {
        throw new JinjaException("a bracket is not closed in a format");
      }
      String name = path.substring(start, end);
      Budget budget = arguments.budget();
      value =
          dot
              ? Members.attribute(value, name, budget)
              : Members.item(value, isNumber(name) ? Long.valueOf(name) : name, budget);
      end += dot ? 0 : 1;
    }
    return value;
  }

  private Object first(String name) {
    if (!name.isEmpty() && !isNumber(name)) {
      Object value = arguments.named().get(name);
      if (value == null) {
        throw arguments.wrong("needs the argument " + name);
      }
      return value;
    }
    long index = name.isEmpty() ? next++ : Long.parseLong(name);
    if (index >= arguments.positional().size()) {
      throw arguments.wrong("has fewer arguments than its text asks for");
    }
    return arguments.positional().get((int) index);
  }

  private static boolean isNumber(String name) {
    return !name.isEmpty()
        && name.length() < 10
        && name.chars().allMatch(c -> c >= '0' && c <= '9');
  }
}
