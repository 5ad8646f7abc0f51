package dev.sparsed.text.internal.jinja;

import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Python's {@code strftime} in its C locale. */
final class PythonTime {

  private static final int STEPS_OF_DIRECTIVE = 100;

  private PythonTime() {}

  static String format(String format, LocalDateTime time, Budget budget) {
    TextBuilder out = new TextBuilder(budget);
    int position = 0;
    while (position < format.length()) {
      int percent = format.indexOf('%', position);
      int end = percent < 0 ? format.length() : percent;
      out.append(format, position, end);
      position = end + 1;
      if (percent >= 0) {
        budget.steps(STEPS_OF_DIRECTIVE);
        boolean unpadded = format.startsWith("-", position);
        position += unpadded ? 1 : 0;
        String field = field(position < format.length() ? format.charAt(position) : ' ', time);
        position++;
        out.append(unpadded ? withoutZeros(field) : field);
      }
    }
    return out.toString();
  }

  private static String withoutZeros(String field) {
    boolean isNumber = field.chars().allMatch(c -> c >= '0' && c <= '9');
    return isNumber ? Integer.toString(Integer.parseInt(field)) : field;
  }

  private static String field(char directive, LocalDateTime time) {
    return switch (directive) {
      case '%' -> "%";
      case 'n' -> "\n";
      case 't' -> "\t";
      case 'w' -> Integer.toString(time.getDayOfWeek().getValue() % 7);
      case 'e' -> String.format(Locale.ROOT, "%2d", time.getDayOfMonth());
      case 'c' -> pattern("EEE MMM ", time) + field('e', time) + pattern(" HH:mm:ss yyyy", time);
      default -> pattern(pattern(directive), time);
    };
  }

  private static String pattern(char directive) {
    return switch (directive) {
      case 'Y' -> "yyyy";
      case 'y' -> "yy";
      case 'm' -> "MM";
      case 'B' -> "MMMM";
      case 'b', 'h' -> "MMM";
      case 'd' -> "dd";
      case 'A' -> "EEEE";
      case 'a' -> "EEE";
      case 'H' -> "HH";
      case 'I' -> "hh";
      case 'M' -> "mm";
      case 'S' -> "ss";
      case 'f' -> "SSSSSS";
      case 'p' -> "a";
      case 'j' -> "DDD";
      case 'F' -> "yyyy-MM-dd";
      case 'T', 'X' -> "HH:mm:ss";
      case 'R' -> "HH:mm";
      case 'D', 'x' -> "MM/dd/yy";
      default -> throw new JinjaException("the time format %" + directive + " is not supported");
    };
  }

  private static String pattern(String pattern, LocalDateTime time) {
    return DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).format(time);
  }
}
