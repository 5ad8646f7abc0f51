package dev.sparsed.text.internal.jinja;

import dev.sparsed.text.internal.jinja.CallArguments.Bound;
import dev.sparsed.text.internal.jinja.PythonValue.Function;
import dev.sparsed.text.internal.jinja.PythonValue.Kind;
import dev.sparsed.text.internal.jinja.PythonValue.Namespace;
import dev.sparsed.text.internal.jinja.PythonValue.PyList;
import java.time.Clock;
import java.time.LocalDateTime;
import java.util.LinkedHashMap;
import java.util.Map;

/** The functions that every template knows: Jinja2's and those that Hugging Face adds. */
final class Functions {

  private static final long MAX_RANGE = 100_000;

  private Functions() {}

  static Map<String, Function> at(Clock clock) {
    return Map.of(
        "raise_exception",
        Functions::raise,
        "strftime_now",
        arguments ->
            PythonTime.format(
                arguments.bind("format").text("format"),
                LocalDateTime.now(clock),
                arguments.budget()),
        "range",
        Functions::range,
        "dict",
        Functions::dict,
        "namespace",
        Functions::namespace,
        "cycler",
        Functions::unsupported,
        "joiner",
        Functions::unsupported,
        "lipsum",
        Functions::unsupported);
  }

  private static Object raise(CallArguments arguments) {
    Object message = arguments.bind("message").get("message");
    throw new JinjaException(
        "the template rejects the conversation: "
            + PythonPrinting.str(message, arguments.budget()));
  }

  private static Object unsupported(CallArguments arguments) {
    throw arguments.wrong("is not supported");
  }

  /** Bounded as in the sandbox that Hugging Face renders in. */
  private static Object range(CallArguments arguments) {
    Bound bound = arguments.bind("start", "stop?", "step?");
    boolean one = !bound.has("stop");
    long first = one ? 0 : bound.number("start", 0);
    long stop = one ? bound.number("start", 0) : bound.number("stop", 0);
    long step = bound.number("step", 1);
    if (step == 0) {
      throw new JinjaException("a range cannot step by 0");
    }
    long distance = step > 0 ? Math.subtractExact(stop, first) : Math.subtractExact(first, stop);
    long size = distance <= 0 ? 0 : (distance - 1) / Math.absExact(step) + 1;
    if (size > MAX_RANGE) {
      throw new JinjaException("a range has more than " + MAX_RANGE + " numbers");
    }
    return new PyList(new Lists.Range(first, stop, step, (int) size), Kind.RANGE);
  }

  private static Object dict(CallArguments arguments) {
    Map<Object, Object> entries = new LinkedHashMap<>(given(arguments));
    entries.putAll(arguments.named());
    return entries;
  }

  private static Object namespace(CallArguments arguments) {
    Namespace namespace = new Namespace();
    given(arguments).forEach((key, value) -> namespace.attributes.put(PythonDict.name(key), value));
    namespace.attributes.putAll(arguments.named());
    return namespace;
  }

  /** The dict that is given by position, or an empty one. */
  private static Map<?, ?> given(CallArguments arguments) {
    Map<?, ?> given = Map.of();
    if (!arguments.positional().isEmpty()) {
      if (arguments.positional().size() > 1
          || !(arguments.positional().get(0) instanceof Map<?, ?> map)) {
        throw arguments.wrong("is supported with one dict and named arguments only");
      }
      given = map;
    }
    arguments.budget().map((long) given.size() + arguments.named().size());
    return given;
  }
}
