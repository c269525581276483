import ConnectorTesting
import Foundation
import Testing

@testable import QEMUConnector

@Suite struct BootLogTests {
  private func verdict(_ text: String, success: [String] = [], portion: Int = 7) -> BootLog.Verdict? {
    var log = BootLog(success: success)
    let bytes = Data(text.utf8)
    var start = bytes.startIndex
    while start < bytes.endIndex {
      let end = min(start + portion, bytes.endIndex)
      log.feed(bytes[start..<end])
      start = end
    }
    return log.verdict
  }

  @Test(arguments: [1, 7, 4096]) func `a login prompt is the end of a boot`(portion: Int) {
    let text = "\u{1b}[H\u{1b}[J  Booting\r\n\r\nDebian GNU/Linux 12 lab ttyS0\r\n\r\nlab login: "
    #expect(verdict(text, portion: portion) == .up("lab login:"))
  }

  @Test func `a prompt in the middle of a text is none`() {
    #expect(verdict("if you cannot login: see the manual\r\n") == nil)
    #expect(verdict("lab login: root\r\nWelcome") == .up("lab login:"))
    #expect(verdict("service ready\n", success: ["ready"]) == .up("service ready"))
  }

  @Test func `what the firmware writes is no word of the guest`() {
    var log = BootLog()
    log.feed(Data("\u{1b}[2JBdsDxe: starting Boot0001 \"UEFI Misc Device\"\r\n".utf8))
    #expect(!log.guestSpoke && log.bytes > 0)
    log.feed(Data("Welcome to GRUB!\r\n".utf8))
    #expect(log.guestSpoke)
  }

  @Test func `a silent guest is a doubt, one that stopped talking a failure`() async throws {
    let scratch = try Scratch()
    let folder = MachineFolder(path: scratch.path)
    // Stands for QEMU: known by the pid file in its command line.
    let quiet = try Descriptor.open("/dev/null", O_RDWR)
    let machine = try Program.start(
      "bash", ["-c", "sleep 900; :", "-pidfile", folder.pidFile], output: quiet, error: quiet, ownSession: true)
    defer { kill(-machine.process, SIGKILL); machine.kill() }
    // Between fork and exec it does not have its command line yet.
    while MachineProcess.find(folder) == nil { try await Task.sleep(for: .milliseconds(10)) }
    let watch = BootWatch(folder: folder, timeout: 900, stall: 1, success: [])
    let silent = try await watch.run { _, _ in }
    #expect(!silent.pass && silent.inconclusive)
    try Data("Loading Linux\r\n".utf8).write(to: URL(filePath: folder.serialLog))
    let stopped = try await watch.run { _, _ in }
    #expect(!stopped.pass && !stopped.inconclusive)
    #expect(stopped.detail.hasSuffix("Loading Linux"))
  }

  @Test(arguments: [
    "Gave up waiting for root file system device.  Common problems:\r\n",
    "VFS: Cannot open root\nKernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)\n",
    "error: no such partition.\r\nEntering rescue mode...\r\ngrub rescue>", "You are in emergency mode. After\n",
    "BdsDxe: No bootable option or device was found.\r\n", "\nNo bootable device.\n",
    "Warning: dracut-initqueue timeout - starting timeout scripts\n",
  ]) func `known ends of a failed boot`(text: String) {
    guard case .failed = verdict(text) else {
      Issue.record("no failure seen in \(text)")
      return
    }
  }

  @Test func `the line that names the disk is the one to show`() {
    let text =
      "Gave up waiting for root file system device.\n - x\nALERT!  UUID=1 does not exist.  Dropping to a shell!\n"
    guard case .failed(let why) = verdict(text) else {
      Issue.record("no failure seen")
      return
    }
    #expect(why.hasSuffix("ALERT!  UUID=1 does not exist.  Dropping to a shell!"))
  }

  @Test(arguments: [
    ("\u{1b}[0;1;31mFAILED\u{1b}[0m to\u{7} start", "FAILED to start"), ("\u{1b}]0;title\u{7}text", "text"),
    ("\u{1b}]3008;a=b\u{1b}\\text", "text"), ("\u{1b}(Btext", "text"), ("a\tb\u{7f}\u{1b}", "a b"), ("", ""),
    ("\u{1b}[", ""), ("ä\u{0}ö", "äö"),
  ]) func `text without terminal sequences`(raw: String, plain: String) {
    #expect(TerminalText.plain(Array(raw.utf8)) == plain)
  }
}
