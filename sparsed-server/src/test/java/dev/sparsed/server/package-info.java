/** Tests of the server: by plain requests, by the official clients, under load and in a browser. */
@NullMarked
package dev.sparsed.server;

import org.jspecify.annotations.NullMarked;
