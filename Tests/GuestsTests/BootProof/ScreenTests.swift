import Foundation
import Testing

@testable import Guests

/// Screens as a machine shows them, drawn here: none was photographed.
@Suite("What a screen says about a boot")
struct ScreenTests {
  /// A screen of one colour, with marks of others on it.
  struct Screen: Sendable {
    var width = 1024
    var height = 768
    var colour: [UInt8]
    var marks: [(x: Range<Int>, y: Range<Int>, colour: [UInt8])] = []

    /// Lines of letters: blocks with gaps, in white and the shade that smoothed edges have.
    mutating func write(lines: Int, at place: (x: Int, y: Int), letters: Int = 40, size: Int = 12) {
      let edge = colour.map { UInt8((Int($0) + 255) / 2) }
      for line in 0..<lines {
        let y = place.y + line * size * 2
        for letter in 0..<letters where letter % 6 != 5 {
          let x = place.x + letter * size
          marks.append((x..<(x + size / 2), y..<(y + size), [255, 255, 255]))
          marks.append(((x + size / 2)..<(x + size / 2 + 2), y..<(y + size), edge))
        }
      }
    }

    var picture: ScreenPicture? {
      let row = (0..<width).flatMap { _ in colour }
      var points = [UInt8]()
      for _ in 0..<height { points += row }
      for mark in marks {
        for y in mark.y.clamped(to: 0..<height) {
          for x in mark.x.clamped(to: 0..<width) {
            for part in 0..<3 { points[(y * width + x) * 3 + part] = mark.colour[part] }
          }
        }
      }
      return ScreenPicture(Data("P6\n\(width) \(height)\n255\n".utf8) + Data(points))
    }
  }

  private static func screen(_ colour: [UInt8], _ edit: (inout Screen) -> Void = { _ in }) -> Screen {
    var screen = Screen(colour: colour)
    edit(&screen)
    return screen
  }

  @Test(
    "systems that stopped, old and new, and offers to repair",
    arguments: [
      // From the top on, in small letters.
      screen([0, 0, 130]) {
        $0.width = 640
        $0.height = 480
        $0.write(lines: 18, at: (8, 8), letters: 60, size: 8)
      },
      // A large face at the left, text below it.
      screen([0, 120, 215]) {
        $0.write(lines: 1, at: (110, 150), letters: 2, size: 60)
        $0.write(lines: 6, at: (110, 300), letters: 50)
      },
      screen([0, 103, 184]) {
        $0.write(lines: 1, at: (80, 120), letters: 2, size: 60)
        $0.write(lines: 4, at: (80, 260))
      },
      // "Your PC needs to be repaired".
      screen([0, 90, 158]) { $0.write(lines: 12, at: (60, 60), letters: 50) },
      // The same in larger letters, with what keys can be pressed below.
      screen([0, 90, 158]) {
        $0.write(lines: 1, at: (60, 80), letters: 12, size: 30)
        $0.write(lines: 8, at: (60, 200), letters: 50, size: 14)
        $0.write(lines: 2, at: (60, 500), letters: 30, size: 14)
      },
      // With a square code beside the text, which reaches into the lower third.
      screen([0, 120, 215]) {
        $0.write(lines: 1, at: (110, 150), letters: 2, size: 60)
        $0.write(lines: 6, at: (110, 300), letters: 50)
        $0.marks.append((110..<210, 480..<580, [255, 255, 255]))
        $0.write(lines: 3, at: (240, 490), letters: 40)
      },
    ])
  func stopped(screen: Screen) throws {
    #expect(try #require(screen.picture).kind == .stopped)
  }

  @Test(
    "desktops and places to log in are none, be they blue",
    arguments: [
      // A plain blue desktop with icons and a task bar.
      screen([0, 120, 215]) {
        $0.marks.append((0..<1024, 728..<768, [16, 16, 16]))
        for row in 0..<5 { $0.marks.append((20..<68, (20 + 90 * row)..<(68 + 90 * row), [240, 200, 60])) }
      },
      // A picture and a name in the middle.
      screen([0, 90, 158]) {
        $0.marks.append((412..<612, 180..<380, [200, 190, 180]))
        $0.write(lines: 2, at: (440, 420), letters: 12)
      },
      // The clock of a locked screen, below at the left.
      screen([0, 90, 158]) { $0.write(lines: 1, at: (40, 560), letters: 5, size: 60) },
      // The same with its date, and a line about something else at the top.
      screen([0, 90, 158]) {
        $0.write(lines: 1, at: (40, 60), letters: 40)
        $0.write(lines: 1, at: (40, 560), letters: 5, size: 60)
        $0.write(lines: 1, at: (40, 650), letters: 20, size: 24)
      },
      // Lines that begin at different places.
      screen([0, 90, 158]) {
        for line in 0..<8 { $0.write(lines: 1, at: (60 + line % 4 * 90, 80 + line * 40), letters: 20) }
      },
      // Nothing but the colour: on the way to something.
      screen([0, 120, 215]), screen([120, 120, 120]), screen([0, 128, 128]) { $0.write(lines: 4, at: (20, 20)) },
    ])
  func ordinary(screen: Screen) throws {
    #expect(try #require(screen.picture).kind == .ordinary)
  }

  @Test("a choice of repairs has the colour of a system that stopped, and is not taken for one that is up by its looks")
  func repair() throws {
    // A title, and tiles of another blue with a line in each.
    let offer = Self.screen([0, 90, 158]) {
      $0.write(lines: 1, at: (100, 120), letters: 16, size: 30)
      for (x, y) in [(100, 240), (450, 240), (100, 380), (450, 380)] {
        $0.marks.append((x..<(x + 320), y..<(y + 110), [0, 120, 215]))
        $0.write(lines: 1, at: (x + 90, y + 20), letters: 12, size: 14)
      }
    }
    let picture = try #require(offer.picture)
    #expect(picture.kind == .ordinary && picture.isOnBlue)
    #expect(try #require(Self.screen([120, 120, 120]).picture).isOnBlue == false)
  }

  @Test("black screens say little")
  func dark() throws {
    #expect(try #require(Self.screen([0, 0, 0]).picture).kind == .blank)
    // A text console, and a stop screen of the newest kind: from colours alone these are the same.
    let console = Self.screen([0, 0, 0]) { $0.write(lines: 20, at: (0, 0), letters: 60, size: 8) }
    #expect(try #require(console.picture).kind == .dark)
  }

  /// The memory behind 80 columns of text.
  private func memory(_ lines: [String]) -> Data {
    var bytes: [UInt8] = []
    for line in lines {
      let text = Array(line.utf8.prefix(80))
      for column in 0..<80 { bytes += [column < text.count ? text[column] : 0x20, 0x07] }
    }
    return Data(bytes)
  }

  @Test("text consoles are read as serial ports are")
  func text() {
    let up = TextScreen(memory(["Debian GNU/Linux 12 lab tty1", "", "lab login: "]))
    #expect(up.lines == ["Debian GNU/Linux 12 lab tty1", "lab login:"])
    #expect(up.finding == .up("lab login:"))
    let stopped = TextScreen(memory(["VFS: something", "[    1.2] Kernel panic - not syncing: VFS"]))
    guard case .failed(.panic, let why) = stopped.finding else {
      Issue.record("no panic")
      return
    }
    #expect(why.contains("not syncing"))
    #expect(TextScreen(memory(["Booting from Hard Disk..."])).finding == nil)
    #expect(TextScreen(Data()).lines.isEmpty && TextScreen(Data([0x41])).lines == ["A"])
    #expect(TextScreen(Data(repeating: 0xff, count: 1 << 20)).lines.isEmpty)
  }

  @Test(
    "boot loaders and systems of Windows are understood on either",
    arguments: [
      ("Windows failed to start. A recent hardware or software change might be", BootProof.Ending.bootLoader),
      ("BOOTMGR is missing", .bootLoader),
      ("An operating system wasn't found. Try disconnecting any drives", .bootLoader),
      ("*** STOP: 0x0000007B (0xFFFFF880009A97E8)", .noRootDisk), ("*** STOP: 0x000000D1 (0x1)", .panic),
    ])
  func windows(line: String, ending: BootProof.Ending) {
    guard case .failed(ending, _) = SerialTranscript.finding(line) else {
      Issue.record("another ending: \(String(describing: SerialTranscript.finding(line)))")
      return
    }
  }

  @Test("the emergency console of Windows says when its services run")
  func emergencyConsole() {
    var transcript = SerialTranscript()
    transcript.feed(Data("Computer is booting, SAC started and initialized.\r\nSAC>\r\n".utf8))
    #expect(transcript.finding == nil)
    transcript.feed(Data("EVENT: The CMD command is now available.\r\n".utf8))
    #expect(transcript.finding == .up("Windows' services run"))
  }
}
