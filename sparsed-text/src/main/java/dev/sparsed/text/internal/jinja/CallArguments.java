package dev.sparsed.text.internal.jinja;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The arguments of a call.
 *
 * @param what what is called, for messages
 * @param positional arguments by position
 * @param named arguments by name
 * @param budget what the rendering may still use up
 */
record CallArguments(
    String what, List<Object> positional, Map<String, Object> named, Budget budget) {

  /**
   * Shares the arguments out to parameters. A parameter written {@code name?} may be missing.
   *
   * @return the arguments by parameter
   */
  Bound bind(String... parameters) {
    budget.steps(parameters.length);
    Map<String, Object> values = new HashMap<>();
    if (positional.size() > parameters.length) {
      throw wrong("takes at most " + parameters.length + " arguments");
    }
    int index = 0;
    int namedUsed = 0;
    for (String parameter : parameters) {
      boolean optional = parameter.endsWith("?");
      String name = optional ? parameter.substring(0, parameter.length() - 1) : parameter;
      Object byName = named.get(name);
      if (index < positional.size()) {
        if (byName != null) {
          throw wrong("is given " + name + " twice");
        }
        values.put(name, positional.get(index));
      } else if (byName != null) {
        values.put(name, byName);
        namedUsed++;
      } else if (!optional) {
        throw wrong("needs the argument " + name);
      }
      index++;
    }
    if (namedUsed < named.size()) {
      for (String name : named.keySet()) {
        if (!values.containsKey(name)) {
          throw wrong("does not know the argument " + name);
        }
      }
    }
    return new Bound(values, budget);
  }

  JinjaException wrong(String why) {
    return new JinjaException(what + " " + why);
  }

  /**
   * Arguments by parameter.
   *
   * @param values those that were given
   * @param budget what the rendering may still use up
   */
  record Bound(Map<String, Object> values, Budget budget) {

    boolean has(String parameter) {
      return values.containsKey(parameter);
    }

    Object get(String parameter, Object otherwise) {
      Object value = values.get(parameter);
      return value == null ? otherwise : value;
    }

    Object get(String parameter) {
      return get(parameter, PythonValue.NONE);
    }

    boolean isNone(String parameter) {
      return get(parameter) == PythonValue.NONE;
    }

    String text(String parameter) {
      return PythonValue.text(get(parameter));
    }

    String text(String parameter, String otherwise) {
      return PythonValue.text(get(parameter, otherwise));
    }

    long number(String parameter, long otherwise) {
      return PythonValue.toLong(get(parameter, otherwise));
    }

    boolean flag(String parameter, boolean otherwise) {
      return PythonValue.isTrue(get(parameter, otherwise));
    }
  }
}
