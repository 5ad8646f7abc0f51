package dev.sparsed.text.jinja;

import dev.sparsed.text.jinja.CallArguments.Bound;
import dev.sparsed.text.jinja.PythonValue.Function;
import dev.sparsed.text.jinja.PythonValue.Kind;
import dev.sparsed.text.jinja.PythonValue.Namespace;
import dev.sparsed.text.jinja.PythonValue.PyList;
import java.time.Clock;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The functions that every template knows: Jinja2's and those that Hugging Face adds. */
final class Functions {

  private static final long MAX_RANGE = 100_000;

  private Functions() {}

  static Map<String, Function> at(Clock clock) {
    return Map.of(
        "raise_exception",
        arguments -> {
          throw new JinjaException(
              "the template rejects the conversation: "
                  + PythonPrinting.str(arguments.bind("message").get("message")));
        },
        "strftime_now",
        arguments ->
            PythonTime.format(arguments.bind("format").text("format"), LocalDateTime.now(clock)),
        "range",
        Functions::range,
        "dict",
        Functions::dict,
        "namespace",
        Functions::namespace);
  }

  private static Object range(CallArguments arguments) {
    Bound bound = arguments.bind("start", "stop?", "step?");
    boolean one = !bound.has("stop");
    long first = one ? 0 : bound.number("start", 0);
    long stop = one ? bound.number("start", 0) : bound.number("stop", 0);
    long step = bound.number("step", 1);
    if (step == 0) {
      throw new JinjaException("a range cannot step by 0");
    }
    List<Object> numbers = new ArrayList<>();
    for (long i = first; step > 0 ? i < stop : i > stop; i = Math.addExact(i, step)) {
      if (numbers.size() == MAX_RANGE) {
        throw new JinjaException("a range has more than " + MAX_RANGE + " numbers");
      }
      numbers.add(i);
    }
    arguments.budget().spend(numbers.size());
    return new PyList(numbers, Kind.RANGE);
  }

  private static Object dict(CallArguments arguments) {
    if (!arguments.positional().isEmpty()) {
      throw new JinjaException("dict is supported with named arguments only");
    }
    return new LinkedHashMap<>(arguments.named());
  }

  private static Object namespace(CallArguments arguments) {
    Namespace namespace = new Namespace();
    for (Object initial : arguments.positional()) {
      if (!(initial instanceof Map<?, ?> map) || arguments.positional().size() > 1) {
        throw new JinjaException("namespace takes one dict or named arguments");
      }
      map.forEach((name, value) -> namespace.attributes.put((String) name, value));
    }
    namespace.attributes.putAll(arguments.named());
    return namespace;
  }
}
