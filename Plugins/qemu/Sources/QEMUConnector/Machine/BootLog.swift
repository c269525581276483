import Foundation

/// What a guest wrote on its serial port, read as it grows, and what it says about the boot.
///
/// Pure: it is fed bytes and gives a verdict.
struct BootLog: Sendable {
  enum Verdict: Hashable, Sendable {
    case up(String)
    case failed(String)
  }

  /// Known ends of a boot that failed, with what each means.
  static let failures: [(said: String, means: String)] = [
    ("Gave up waiting for root", "the guest did not find its root disk: a driver is missing in its initramfs"),
    ("Dropping to a shell", "the guest did not find its root disk: a driver is missing in its initramfs"),
    ("Unable to mount root", "the kernel could not mount the root disk"),
    ("dracut-initqueue timeout", "the guest did not find its root disk: a driver is missing in its initramfs"),
    ("Entering emergency mode", "the guest stopped in emergency mode"),
    ("You are in emergency mode", "the guest stopped in emergency mode"),
    ("Kernel panic", "the kernel stopped"),
    ("grub rescue>", "the boot loader did not find its files"),
    ("Entering rescue mode", "the boot loader did not find its files"),
    ("No bootable device", "the firmware found nothing to boot"),
    ("No bootable option or device", "the firmware found nothing to boot"),
    ("Boot failed: not a bootable disk", "the disk has no boot loader for this firmware"),
    ("EFI Internal Shell", "the firmware found nothing to boot and started its shell"),
    ("INACCESSIBLE_BOOT_DEVICE", "Windows did not find its disk: a driver is missing"),
  ]

  /// The line that is being written.
  private(set) var line = ""
  /// The last one that was finished and held something.
  private(set) var lastLine = ""
  private(set) var bytes = 0
  /// True once there is a line that is not UEFI's own: the guest or its boot loader has a console there.
  private(set) var guestSpoke = false
  private(set) var verdict: Verdict?
  private var pending: [UInt8] = []
  private let extraSuccess: [String]

  init(success: [String] = []) {
    extraSuccess = success.filter { !$0.isEmpty }
  }

  mutating func feed(_ data: Data) {
    bytes += data.count
    for byte in data {
      if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
        finishLine()
      } else if pending.count < 4096 {
        pending.append(byte)
      }
    }
    // A prompt has no newline after it.
    line = TerminalText.plain(pending)
    judge(line, complete: false)
  }

  private mutating func finishLine() {
    line = TerminalText.plain(pending)
    pending.removeAll(keepingCapacity: true)
    judge(line, complete: true)
    if !line.isEmpty { lastLine = line }
    if !line.isEmpty, !line.hasPrefix("BdsDxe:") { guestSpoke = true }
    line = ""
  }

  /// The first telling line stands, for what follows are its consequences; but an initramfs names the disk that it
  /// missed only after the complaint.
  private mutating func judge(_ text: String, complete: Bool) {
    guard !text.isEmpty else { return }
    if case .failed = verdict, complete, text.hasPrefix("ALERT!") { verdict = nil }
    guard verdict == nil else { return }
    if let failure = Self.failures.first(where: { text.contains($0.said) }) {
      guard complete || failure.said.hasSuffix(">") else { return }
      verdict = .failed("\(failure.means): \(text)")
    } else if let prompt = Self.prompt(text) {
      verdict = .up(prompt)
    } else if extraSuccess.contains(where: text.contains) {
      verdict = .up(text)
    }
  }

  /// `lab login:`, without what may have been typed behind it.
  static func prompt(_ text: String) -> String? {
    let words = text.split(separator: " ", maxSplits: 2)
    return words.count >= 2 && words[1] == "login:" ? words[..<2].joined(separator: " ") : nil
  }
}
