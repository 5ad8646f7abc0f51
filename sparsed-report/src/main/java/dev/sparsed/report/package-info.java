/**
 * A page that shows a generation: {@link dev.sparsed.report.Recording} listens to it, {@link
 * dev.sparsed.report.Report} writes one HTML file that holds everything and loads nothing.
 *
 * <p>What goes into a page is gathered as JSON ({@code PageContent}) and, for patterns, as packed
 * bits ({@code PatternPack}); both are compressed and written in base64, so that no text of a model
 * is ever part of the page's markup. The page itself, its style and its scripts lie beside the
 * classes as resources.
 */
@NullMarked
package dev.sparsed.report;

import org.jspecify.annotations.NullMarked;
