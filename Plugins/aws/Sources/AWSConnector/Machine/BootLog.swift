/// What a console says about the boot.
enum BootLog {
  enum Verdict: Hashable, Sendable {
    case up(String)
    case failed(String)
    case unclear(String)
  }

  private static let failures: [(said: String, means: String)] = [
    ("Gave up waiting for root", "the guest did not find its root disk: the nvme driver is missing in its initramfs"),
    ("dracut-initqueue timeout", "the guest did not find its root disk: the nvme driver is missing in its initramfs"),
    ("Unable to mount root", "the kernel could not mount the root disk"),
    ("Kernel panic", "the kernel stopped"),
    ("emergency mode", "the guest stopped in emergency mode"),
    ("grub rescue>", "the boot loader did not find its files"),
    ("No bootable device", "the firmware found nothing to boot"),
    ("EFI Internal Shell", "the firmware found nothing to boot and started its shell"),
  ]
  private static let successes = [
    "login:", "Cloud-init v", "Reached target Multi-User", "Reached target Graphical", "Windows is Ready to use",
    "SSH HOST KEY FINGERPRINTS",
  ]

  static func judge(_ text: String) -> Verdict {
    let lines = text.split(whereSeparator: \.isNewline)
    if let failure = failures.first(where: { text.contains($0.said) }) {
      let line = lines.first { $0.contains(failure.said) } ?? ""
      return .failed("\(failure.means): \(line.prefix(200))")
    }
    if let line = lines.last(where: { line in successes.contains { line.contains($0) } }) {
      return .up(String(line.prefix(200)))
    }
    guard let last = lines.last else { return .unclear("the console is empty") }
    return .unclear("the console says nothing that tells: \(last.prefix(200))")
  }
}
