/// `/etc/os-release`: a Linux system's words about itself. Pure text.
struct OSRelease: Sendable, Hashable {
  private var values: [String: String] = [:]

  init(_ text: String) {
    for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
      let halves = line.split(separator: "=", maxSplits: 1)
      guard halves.count == 2 else { continue }
      let value = halves[1].trimmingPrefix { " \"'".contains($0) }
      values[String(halves[0])] = String(String(value.reversed().drop { " \"'".contains($0) }.reversed()).prefix(200))
    }
  }

  /// `Debian GNU/Linux 12 (bookworm)`; libguestfs has only a number for some distributions.
  var prettyName: String? { values["PRETTY_NAME"].flatMap { $0.isEmpty ? nil : $0 } }

  /// `server`, `workstation`, `coreos` …
  var variant: String? { (values["VARIANT_ID"] ?? values["VARIANT"]).flatMap { $0.isEmpty ? nil : $0 } }
}
