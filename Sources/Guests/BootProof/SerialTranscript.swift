import Foundation

/// What a guest wrote on its serial port, read as it grows, and what it says about the boot. Pure.
struct SerialTranscript: Sendable {
  enum Finding: Hashable, Sendable {
    case up(String)
    case failed(BootProof.Ending, String)
    /// It waits for a passphrase.
    case asks(String)
  }

  /// Words of boots that failed, with what they mean.
  private static let failures: [(said: String, ending: BootProof.Ending, means: String)] = [
    ("Gave up waiting for root", .noRootDisk, "the guest did not find its root disk"),
    ("Unable to mount root", .noRootDisk, "the kernel could not mount the root disk"),
    ("ALERT!", .noRootDisk, "the guest did not find its root disk"),
    ("dracut-initqueue timeout", .noRootDisk, "the guest did not find its root disk"),
    ("Mounting /dev/root failed", .noRootDisk, "the guest did not find its root disk"),
    ("Mounting root failed", .noRootDisk, "the guest did not find its root disk"),
    ("Failed to mount the real root device", .noRootDisk, "the guest did not find its root disk"),
    ("initramfs emergency recovery shell launched", .noRootDisk, "the guest did not find its root disk"),
    ("Dropping to a shell", .noRootDisk, "the guest stopped in its initramfs"),
    ("Entering emergency mode", .emergencyMode, "the guest stopped in emergency mode"),
    ("You are in emergency mode", .emergencyMode, "the guest stopped in emergency mode"),
    ("You are in rescue mode", .emergencyMode, "the guest stopped in rescue mode"),
    ("Kernel panic", .panic, "the kernel stopped"),
    ("grub rescue>", .bootLoader, "the boot loader did not find its files"),
    ("Entering rescue mode", .bootLoader, "the boot loader did not find its files"),
    ("No bootable device", .bootLoader, "the firmware found nothing to start"),
    ("No bootable option or device", .bootLoader, "the firmware found nothing to start"),
    ("Boot failed: not a bootable disk", .bootLoader, "the disk has no boot loader for this firmware"),
    ("EFI Internal Shell", .bootLoader, "the firmware found nothing to start"),
    ("Access Denied", .bootLoader, "the firmware refused the boot loader"),
    ("INACCESSIBLE_BOOT_DEVICE", .noRootDisk, "the guest did not find its disk"),
    ("STOP: 0x0000007B", .noRootDisk, "the guest did not find its disk"),
    ("*** STOP: 0x", .panic, "the system stopped"),
    ("mountroot>", .noRootDisk, "the guest did not find its root disk"),
    ("Press Enter for maintenance", .emergencyMode, "the guest stopped in emergency mode"),
    ("root password for maintenance", .emergencyMode, "the guest stopped in emergency mode"),
    ("Windows failed to start", .bootLoader, "Windows' boot loader stopped"),
    ("BOOTMGR is missing", .bootLoader, "the disk lacks Windows' boot loader"),
    ("BOOTMGR image is corrupt", .bootLoader, "Windows' boot loader is damaged"),
    ("NTLDR is missing", .bootLoader, "the disk lacks Windows' boot loader"),
    ("Missing operating system", .bootLoader, "the disk's boot sector found no system"),
    ("Error loading operating system", .bootLoader, "the disk's boot sector could not load the system"),
    ("operating system wasn't found", .bootLoader, "the firmware found nothing to start"),
    ("Operating System not found", .bootLoader, "the firmware found nothing to start"),
    ("A disk read error occurred", .bootLoader, "the disk's boot sector could not read it"),
  ]
  /// Of the emergency console that Windows has on a serial port: its services run.
  private static let servicesRun = "EVENT: The CMD command is now available"
  /// What asks for the passphrase of a disk: initramfs-tools, systemd, Arch's and Alpine's hooks, GRUB.
  private static let questions = [
    "Please unlock disk", "Please enter passphrase for disk", "Enter passphrase for ",
    "A password is required to access the", "Attempting to decrypt master key",
  ]
  private static let longestLine = 4096

  private(set) var line = ""
  /// The last finished line that holds something.
  private(set) var lastLine = ""
  private(set) var bytes = 0
  /// True once a line came that is not the firmware's.
  private(set) var guestSpoke = false
  private(set) var finding: Finding?
  /// How often a passphrase was asked for.
  private(set) var questionCount = 0
  private var lineAsks = false
  /// What the guest waits for, in its words, while it says nothing else.
  private(set) var waitsFor: String?
  /// Bytes that are no repetition of what it waits for.
  private(set) var news = 0
  /// Lines that were not said lately. Numbers do not tell lines apart: a counter that runs says the same.
  private(set) var newLines = 0
  private var saidLately: [Int] = []
  private var pending: [UInt8] = []

  private static let mostRemembered = 256

  /// systemd shows what holds up the start again and again, with a clock that goes on: no news, however long.
  private static let waits = ["A start job is running for", "A stop job is running for"]

  mutating func feed(_ data: Data) {
    bytes += data.count
    defer { if waitsFor == nil { news = bytes } }
    for byte in data {
      if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
        finish()
      } else if pending.count < Self.longestLine {
        pending.append(byte)
      }
    }
    line = PlainText.of(pending)
    // A prompt has no newline after it.
    judge(line, isWhole: false)
  }

  private mutating func finish() {
    defer { lineAsks = false }
    let text = PlainText.of(pending)
    pending.removeAll(keepingCapacity: true)
    judge(text, isWhole: true)
    line = ""
    guard !text.isEmpty else { return }
    lastLine = text
    remember(text)
    waitsFor = Self.waits.contains(where: text.contains) ? text : nil
    if !text.hasPrefix("BdsDxe:"), !text.hasPrefix("UEFI ") { guestSpoke = true }
  }

  private mutating func remember(_ text: String) {
    let words = text.filter { !$0.isNumber }.hashValue
    guard !saidLately.contains(words) else { return }
    newLines += 1
    saidLately.append(words)
    if saidLately.count > Self.mostRemembered { saidLately.removeFirst() }
  }

  /// The first telling line stands, but an initramfs names the disk it missed only after the complaint.
  private mutating func judge(_ text: String, isWhole: Bool) {
    guard !text.isEmpty else { return }
    if case .failed = finding, isWhole, text.hasPrefix("ALERT!") { finding = nil }
    let asks = Self.questions.contains(where: text.contains)
    // One that goes on by itself had an answer; the kernel speaks in between whatever the guest waits for.
    if case .asks = finding, !asks, isWhole && !Self.isKernels(text) || Self.prompt(text) != nil { finding = nil }
    if asks, !lineAsks {
      lineAsks = true
      questionCount += 1
      // Asked again, or for another disk.
      if case .asks = finding { finding = .asks(text) }
    }
    guard finding == nil else { return }
    if let found = Self.finding(text) {
      if case .failed = found, !isWhole, !Self.isPrompt(text) { return }
      finding = found
    } else if asks {
      finding = .asks(text)
    }
  }

  /// `[    3.412345] e1000: eth0 NIC Link is Up`
  private static func isKernels(_ text: String) -> Bool {
    text.prefixMatch(of: /\[ *[0-9]+\.[0-9]+\]/) != nil
  }

  /// What one line says about the boot.
  static func finding(_ text: String) -> Finding? {
    if let failure = failures.first(where: { text.contains($0.said) }) {
      return .failed(failure.ending, "\(failure.means): \(text)")
    }
    if text.hasPrefix("(initramfs)") || text.hasPrefix("dracut:/#") {
      return .failed(.noRootDisk, "the guest stopped in its initramfs: \(text)")
    }
    if text.contains(servicesRun) { return .up("Windows' services run") }
    return prompt(text).map { .up($0) }
  }

  /// A complaint that may be followed by more on its line, unless it waits for an answer.
  private static func isPrompt(_ text: String) -> Bool {
    text.hasPrefix("(initramfs)") || text.hasPrefix("dracut:/#")
      || failures.contains { $0.said.hasSuffix(">") && text.contains($0.said) }
  }

  /// `lab login:`, without what may have been typed behind it.
  static func prompt(_ text: String) -> String? {
    let words = text.split(separator: " ", maxSplits: 2)
    return words.count >= 2 && words[1] == "login:" ? words[..<2].joined(separator: " ") : nil
  }
}

/// Text of a terminal for people: without control characters and the sequences that steer it (ECMA-48).
enum PlainText {
  static func of(_ bytes: [UInt8]) -> String {
    var result: [UInt8] = []
    var rest = bytes[...]
    while let byte = rest.popFirst() {
      switch byte {
      case 0x1b: skipSequence(&rest)
      case 0x09: result.append(0x20)
      case 0x20..<0x7f, 0x80...: result.append(byte)
      default: break
      }
    }
    return String(decoding: result, as: UTF8.self).trimmingCharacters(in: .whitespaces)
  }

  private static func skipSequence(_ rest: inout ArraySlice<UInt8>) {
    switch rest.first {
    case UInt8(ascii: "["):
      // Parameters, then one byte that ends it.
      rest = rest.dropFirst().drop { $0 < 0x40 }.dropFirst()
    case UInt8(ascii: "]"):
      // A text for the terminal's own use, up to BEL or the next escape.
      rest = rest.drop { $0 != 0x07 && $0 != 0x1b }.dropFirst()
    default:
      rest = rest.drop { (0x20...0x2f).contains($0) }.dropFirst()
    }
  }
}
