import Foundation
import Testing

@testable import Guests

@Suite("What a serial port says about a boot")
struct SerialTranscriptTests {
  private func finding(_ text: String, pieces: Int = 1) -> SerialTranscript.Finding? {
    var transcript = SerialTranscript()
    let bytes = Array(text.utf8)
    for start in stride(from: 0, to: bytes.count, by: max(1, bytes.count / pieces)) {
      transcript.feed(Data(bytes[start..<min(bytes.count, start + max(1, bytes.count / pieces))]))
    }
    return transcript.finding
  }

  @Test("a login prompt needs no newline, and may come in any pieces", arguments: [1, 3, 200])
  func prompt(pieces: Int) {
    #expect(
      finding("[  OK  ] Started\r\nDebian GNU/Linux 12 lab ttyS0\r\n\r\nlab login: ", pieces: pieces)
        == .up("lab login:"))
  }

  @Test(
    "the words of each family's initramfs that found no root disk",
    arguments: [
      "Gave up waiting for root file system device.  Common problems:",
      "Warning: dracut-initqueue timeout - starting timeout scripts",
      "VFS: Unable to mount root fs on unknown-block(0,0)",
      "Mounting root failed.",
      "initramfs emergency recovery shell launched. Type 'exit' to continue boot",
      "ERROR: Failed to mount the real root device.",
      "(initramfs) ",
    ])
  func noRoot(line: String) throws {
    guard case .failed(let ending, let why) = try #require(finding("Loading\n\(line)\n")) else {
      Issue.record("no failure")
      return
    }
    #expect(ending == .noRootDisk)
    #expect(why.contains(line.trimmingCharacters(in: .whitespaces)))
  }

  @Test("a job that runs on and on is no news")
  func waiting() {
    var transcript = SerialTranscript()
    transcript.feed(Data("[  OK  ] Reached target Basic System.\r\n".utf8))
    let news = transcript.news
    #expect(news > 0 && transcript.waitsFor == nil)
    for second in 1...5 {
      transcript.feed(
        Data("\u{1b}[K[ ***  ] A start job is running for /dev/disk/by-uuid/1 (\(second)s / no limit)\r".utf8))
    }
    #expect(transcript.waitsFor?.contains("by-uuid/1") == true)
    let waited = transcript.news
    transcript.feed(Data("[***   ] A start job is running for /dev/disk/by-uuid/1 (6s / no limit)\r".utf8))
    #expect(transcript.news == waited)
    transcript.feed(Data("[  OK  ] Found device /dev/disk/by-uuid/1.\r\n".utf8))
    #expect(transcript.waitsFor == nil && transcript.news > waited)
  }

  @Test(
    "a question for a disk's passphrase is one until something else is said",
    arguments: [
      "Please unlock disk sda3_crypt: ", "Please enter passphrase for disk QEMU_HARDDISK (luks-0b6e)::",
      "Enter passphrase for /dev/vda3: ", "A password is required to access the cryptroot volume:\n",
    ])
  func passphrase(question: String) {
    let asked = question.trimmingCharacters(in: .whitespacesAndNewlines)
    #expect(finding("Begin: Mounting root\n" + question) == .asks(asked))
    #expect(finding(question + "\nset up successfully\n") == nil)
    #expect(finding(question + "\nlab login: ") == .up("lab login:"))
  }

  @Test("a question is counted each time that it is asked, however it comes")
  func questions() {
    var transcript = SerialTranscript()
    for piece in ["Please unlock ", "disk vda2: ", "***\r\n", "Please unlock disk vda2: "] {
      transcript.feed(Data(piece.utf8))
    }
    #expect(transcript.questionCount == 2 && transcript.finding == .asks("Please unlock disk vda2:"))
    transcript.feed(Data("\r\nEnter passphrase for /dev/vda3: \r\n".utf8))
    #expect(transcript.questionCount == 3 && transcript.finding == .asks("Enter passphrase for /dev/vda3:"))
    transcript.feed(Data("set up successfully\r\n".utf8))
    #expect(transcript.questionCount == 3 && transcript.finding == nil)
  }

  @Test("the line that names the missing disk wins over the complaint before it")
  func alert() {
    let said = "Gave up waiting for root file system device.\nALERT!  UUID=1-2 does not exist.  Dropping to a shell!\n"
    #expect(
      finding(said)
        == .failed(
          .noRootDisk, "the guest did not find its root disk: ALERT!  UUID=1-2 does not exist.  Dropping to a shell!"))
  }

  @Test(
    "panic, emergency mode and boot loaders are told apart",
    arguments: [
      ("[    1.2] Kernel panic - not syncing: Attempted to kill init!", BootProof.Ending.panic),
      ("You are in emergency mode. After logging in, type", .emergencyMode),
      ("No bootable device.", .bootLoader),
      ("error: no such device: 1234.\nEntering rescue mode...", .bootLoader),
    ])
  func endings(line: String, ending: BootProof.Ending) throws {
    guard case .failed(ending, _) = try #require(finding(line + "\n")) else {
      Issue.record("another ending: \(String(describing: finding(line)))")
      return
    }
  }

  @Test("colours and cursor movements are not text, and neither they nor their ends break a line")
  func sequences() {
    #expect(PlainText.of(Array("\u{1b}[0;32m  OK \u{1b}[0m\u{1b}]0;title\u{7}done\u{1b}(B\u{8}".utf8)) == "OK done")
    #expect(PlainText.of([0x1b]) == "")
    #expect(PlainText.of(Array("\u{1b}[".utf8)) == "")
    #expect(PlainText.of(Array("\u{1b}]never ends".utf8)) == "")
  }

  @Test("the firmware's own lines are not the guest's")
  func firmware() {
    var transcript = SerialTranscript()
    transcript.feed(Data("BdsDxe: loading Boot0001\r\n".utf8))
    #expect(!transcript.guestSpoke)
    transcript.feed(Data("Loading Linux\r\n".utf8))
    #expect(transcript.guestSpoke)
  }

  @Test("a line without an end takes no more than its share of memory")
  func endless() {
    var transcript = SerialTranscript()
    for _ in 0..<64 { transcript.feed(Data(repeating: 0x41, count: 65536)) }
    #expect(transcript.line.utf8.count == 4096)
    #expect(transcript.finding == nil)
  }
}
