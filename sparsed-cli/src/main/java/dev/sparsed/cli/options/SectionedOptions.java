package dev.sparsed.cli.options;

import com.google.common.collect.ListMultimap;
import com.google.common.collect.MultimapBuilder;
import java.lang.reflect.Member;
import java.util.List;
import picocli.CommandLine.Help;
import picocli.CommandLine.IHelpSectionRenderer;
import picocli.CommandLine.Model.OptionSpec;

/** Shows a command's options section by section, in the order in which they are declared. */
public final class SectionedOptions implements IHelpSectionRenderer {

  /** Shows the options of any command. */
  public SectionedOptions() {}

  @Override
  public String render(Help help) {
    ListMultimap<OptionSection, OptionSpec> sections =
        MultimapBuilder.enumKeys(OptionSection.class).arrayListValues().build();
    List<OptionSpec> all =
        help.commandSpec().options().stream().filter(option -> !option.hidden()).toList();
    all.forEach(option -> sections.put(section(option), option));
    StringBuilder text = new StringBuilder();
    for (OptionSection section : sections.keySet()) {
      // Laid out for all of them, so that the columns of all sections are the same.
      Help.Layout layout =
          help.createDefaultLayout(
              all, help.commandSpec().positionalParameters(), help.colorScheme());
      layout.addOptions(sections.get(section), help.parameterLabelRenderer());
      text.append(System.lineSeparator())
          .append(help.colorScheme().ansi().string("@|bold " + section.heading() + "|@:"))
          .append(System.lineSeparator())
          .append(layout);
    }
    return text.toString();
  }

  private static OptionSection section(OptionSpec option) {
    if (option.usageHelp() || option.versionHelp()) {
      return OptionSection.OUTPUT;
    }
    InSection said =
        option.userObject() instanceof Member member
            ? member.getDeclaringClass().getAnnotation(InSection.class)
            : null;
    return said == null ? OptionSection.COMMAND : said.value();
  }
}
