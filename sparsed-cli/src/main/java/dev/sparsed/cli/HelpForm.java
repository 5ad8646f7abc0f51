package dev.sparsed.cli;

import dev.sparsed.cli.options.SectionedOptions;
import java.util.HashMap;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.IHelpSectionRenderer;
import picocli.CommandLine.Model.UsageMessageSpec;

/** How the help of every command looks: a short line of use, and options by what they are about. */
final class HelpForm {

  private static final int LONGEST_NAMES = 30;

  private HelpForm() {}

  static void applyTo(CommandLine commandLine) {
    Map<String, IHelpSectionRenderer> sections = new HashMap<>(commandLine.getHelpSectionMap());
    sections.put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, new SectionedOptions());
    commandLine
        .setHelpSectionMap(sections)
        .setUsageHelpAutoWidth(true)
        .setUsageHelpLongOptionsMaxWidth(LONGEST_NAMES);
    shortenSynopsis(commandLine);
  }

  private static void shortenSynopsis(CommandLine commandLine) {
    commandLine.getCommandSpec().usageMessage().abbreviateSynopsis(true);
    commandLine.getSubcommands().values().forEach(HelpForm::shortenSynopsis);
  }
}
