import Support

/// Which of a guest's kernels its boot loader starts when nobody chooses: the newest, where no setting names another.
/// Pure.
enum DefaultKernel {
  /// Files that may name one.
  static let files = [
    "/etc/default/grub", "/boot/grub2/grubenv", "/boot/grub/grubenv", "/boot/grub/menu.lst", "/boot/grub/grub.conf",
    "/boot/efi/EFI/redhat/grub.conf",
    "/boot/loader/loader.conf", "/efi/loader/loader.conf", "/boot/efi/loader/loader.conf", "/boot/extlinux.conf",
    "/boot/extlinux/extlinux.conf",
  ]

  /// - Parameters:
  ///   - texts: Of `files`, those that are there.
  ///   - kernels: Each version with the path of its image.
  /// - Returns: Nil where a setting counts entries of a menu that are not known.
  static func version(_ texts: [String: String], _ kernels: [(version: String, image: String)]) -> String? {
    for path in files {
      guard let text = texts[path], let choice = choice(text, path), !choice.isEmpty else { continue }
      if let version = named(choice, kernels) { return version }
      guard path == "/etc/default/grub", let number = choice.firstMatch(of: /^["']?([0-9>]+)["']?$/) else { continue }
      // The first of the menu is the newest, whatever was saved at some time.
      if number.output.1 == "0" { break }
      return nil
    }
    return kernels.map(\.version).max(by: VersionText.isLower)
  }

  /// What the file says of the entry that starts: words in which a kernel's version or file may stand.
  private static func choice(_ text: String, _ path: String) -> String? {
    let lines = text.split(whereSeparator: \.isNewline).map(\.trimmed)
    func value(_ start: String) -> String? {
      lines.last { $0.hasPrefix(start) }.map { String($0.dropFirst(start.count)).trimmedAll }
    }
    if path.hasSuffix("/grubenv") { return value("saved_entry=") }
    if path == "/etc/default/grub" { return value("GRUB_DEFAULT=") }
    if path.hasSuffix("/loader.conf") { return value("default ") }
    if path.hasSuffix("linux.conf") {
      guard let label = value("DEFAULT ") ?? value("default ") else { return nil }
      let start = lines.firstIndex { $0.lowercased() == "label \(label.lowercased())" }
      return start.flatMap { start in
        lines[(start + 1)...].prefix { !$0.lowercased().hasPrefix("label ") }
          .first { $0.lowercased().hasPrefix("linux ") || $0.lowercased().hasPrefix("kernel ") }
      }
    }
    // GRUB legacy counts its entries, whether or not they start a kernel.
    let number = (value("default=") ?? value("default ")).flatMap { Int($0) } ?? 0
    let titles = lines.indices.filter { lines[$0].hasPrefix("title") }
    guard titles.indices.contains(number) else { return nil }
    return lines[(titles[number] + 1)...].prefix { !$0.hasPrefix("title") }.first { $0.hasPrefix("kernel") }
  }

  /// The longest name wins: `6.1.0-13-rt` is not `6.1.0-13`.
  private static func named(_ choice: String, _ kernels: [(version: String, image: String)]) -> String? {
    if let version = kernels.map(\.version).filter(choice.contains).max(by: { $0.count < $1.count }) { return version }
    let words = choice.split { $0.isWhitespace || $0 == "/" }
    return kernels.first { kernel in
      kernel.image.split(separator: "/").last.map { name in words.contains { $0 == name } } ?? false
    }?.version
  }
}
