import ConnectorTesting
import Foundation
import Testing

@testable import QEMUConnector

@Suite struct ImageServerPlaceTests {
  private let disk = Plans.plan().disks[0]

  @Test(arguments: [1, 60, 90, 300]) func `a socket's path is never too long`(length: Int) throws {
    let folder = MachineFolder(path: "/m/" + String(repeating: "x", count: length))
    let place = ImageServerPlace(disk, in: folder)
    #expect(place.socket.utf8.count <= ImageServerPlace.longestSocket)
    #expect(ImageServerPlace(disk, in: folder).socket == place.socket)
    var other = disk
    other.index = 1
    #expect(ImageServerPlace(other, in: folder).socket != place.socket)
  }

  @Test func `nothing is left outside`() throws {
    let scratch = try Scratch(String(repeating: "long", count: 30))
    let place = ImageServerPlace(disk, in: MachineFolder(path: scratch.path))
    let outside = (place.socket as NSString).deletingLastPathComponent
    try place.make()
    #expect(MachineStore.exists(outside))
    try place.make()
    place.clear()
    #expect(!MachineStore.exists(outside))
  }
}
