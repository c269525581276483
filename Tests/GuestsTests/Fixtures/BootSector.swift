import Foundation

@testable import Guests

/// A disk whose boot sector is all that it has: it says something on the first serial port, or shows it on the screen,
/// and then does one thing.
/// Boots in the time that firmware takes, so that every way in which a boot can end is tried for real.
enum BootSector {
  enum Then {
    case halts
    case saysItAgain
    case restarts
    case switchesOff
  }

  static func bytes(_ text: String, onScreen: Bool, then: Then) -> [UInt8] {
    // xor ax, ax; mov ds, ax; mov si, 0x7c40; next: lodsb; test al, al; jz done; mov dx, 0x3f8; out dx, al;
    // mov cx, 0xffff; loop $; jmp next; done:
    var code: [UInt8] = [
      0x31, 0xc0, 0x8e, 0xd8, 0xbe, 0x40, 0x7c, 0xac, 0x84, 0xc0, 0x74, 0x0b, 0xba, 0xf8, 0x03, 0xee, 0xb9, 0xff, 0xff,
      0xe2, 0xfe, 0xeb, 0xf0,
    ]
    if onScreen {
      // The same with the firmware's teletype: mov ah, 0x0e; mov bx, 7; int 0x10
      code = [
        0x31, 0xc0, 0x8e, 0xd8, 0xbe, 0x40, 0x7c, 0xac, 0x84, 0xc0, 0x74, 0x09, 0xb4, 0x0e, 0xbb, 0x07, 0x00, 0xcd,
        0x10, 0xeb, 0xf2,
      ]
    }
    switch then {
    case .halts: code += [0xfa, 0xf4, 0xeb, 0xfd]
    case .saysItAgain: code += [0xeb, 0xe7]
    // The keyboard controller's line to the processor.
    case .restarts: code += [0xb0, 0xfe, 0xe6, 0x64, 0xf4]
    // The power management's register, where this mainboard has it.
    case .switchesOff: code += [0xba, 0x04, 0x06, 0xb8, 0x00, 0x20, 0xef, 0xf4]
    }
    code += [UInt8](repeating: 0x90, count: 0x40 - code.count) + Array(text.utf8) + [0]
    return code + [UInt8](repeating: 0, count: 510 - code.count) + [0x55, 0xaa]
  }

  /// Asks on the serial port until the right answer is typed there, shows what is typed, and then asks who logs in.
  static func asking(_ question: String, for passphrase: String, in folder: TemporaryFolder) throws -> GuestDisk {
    // ask: si = 0x7c60, call say; si = 0x7d00, bl = 0; key: wait for bit 0 of port 0x3fd, read 0x3f8; a return? then:
    // bl or [si] not zero? ask again; si = 0x7d60, call say, halt. Else: write it back, other than [si]? bl = 1; si + 1.
    let code: [UInt8] = [
      0x31, 0xc0, 0x8e, 0xd8, 0xfc, 0xbe, 0x60, 0x7c, 0xe8, 0x2d, 0x00, 0xbe, 0x00, 0x7d, 0x30, 0xdb, 0xba, 0xfd, 0x03,
      0xec, 0xa8, 0x01, 0x74, 0xfb, 0xba, 0xf8, 0x03, 0xec, 0x3c, 0x0d, 0x74, 0x0a, 0xee, 0x3a, 0x04, 0x74, 0x02, 0xb3,
      0x01, 0x46, 0xeb, 0xe6, 0x0a, 0x1c, 0x75, 0xd7, 0xbe, 0x60, 0x7d, 0xe8, 0x04, 0x00, 0xfa, 0xf4, 0xeb, 0xfc, 0xac,
      0x84, 0xc0, 0x74, 0x0b, 0xba, 0xf8, 0x03, 0xee, 0xb9, 0xff, 0xff, 0xe2, 0xfe, 0xeb, 0xf0, 0xc3,
    ]
    return try disk(
      [
        (0, code), (0x60, Array(("\r\n" + question).utf8)), (0x100, Array(passphrase.utf8)),
        (0x160, Array("\r\nset up successfully\r\nlab login: ".utf8)),
      ], in: folder)
  }

  /// A sector of these parts, each at its place; the rest of it is zeros.
  static func disk(_ parts: [(place: Int, bytes: [UInt8])], in folder: TemporaryFolder) throws -> GuestDisk {
    var sector = [UInt8](repeating: 0, count: 512)
    for (place, bytes) in parts + [(510, [0x55, 0xaa])] {
      sector.replaceSubrange(place..<place + bytes.count, with: bytes)
    }
    return try disk(sector, in: folder)
  }

  private static func disk(_ sector: [UInt8], in folder: TemporaryFolder) throws -> GuestDisk {
    let url = folder.url.appendingPathComponent("\(UUID().uuidString).raw")
    try Data(sector + [UInt8](repeating: 0, count: (1 << 20) - sector.count)).write(to: url)
    return GuestDisk(path: url.path, format: "raw")
  }

  static func disk(
    _ text: String, onScreen: Bool = false, then: Then, in folder: TemporaryFolder
  ) throws -> GuestDisk {
    try disk(bytes(text, onScreen: onScreen, then: then), in: folder)
  }
}
