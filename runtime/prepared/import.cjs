/**
 * Imports what is only known at run time, for `prepared.mjs`. Apart from it, because tsx writes a source map for each file
 * with such an import in it: ten milliseconds of each start.
 *
 * @param {string} address URL, or a package's name
 */
exports.importModule = (address) => import(address)
