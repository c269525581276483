import AWSClient
import ConnectorKit
import ConnectorProtocol

/// Whether the private addresses that are asked for are free.
struct AddressPlan: Sendable {
  var account: Account
  var job: JobID

  private struct Wish: Hashable {
    var subnet: String
    var address: String
  }

  func check(_ nics: [MachinePlan.NIC], _ findings: inout Findings) async throws {
    var wishes: [Wish: Int] = [:]
    for nic in nics {
      for address in nic.addresses {
        let before = wishes.updateValue(nic.index, forKey: Wish(subnet: nic.subnetID, address: address))
        if before != nil { block("nic.addressTwice", "\(address) is asked for twice.", nic.index, &findings) }
      }
    }
    guard !wishes.isEmpty else { return }
    do {
      for (wish, holder) in try await holders(wishes) {
        let index = wishes[wish] ?? 0
        block("nic.addressTaken", "\(wish.address) is that of \(holder) in \(wish.subnet).", index, &findings)
      }
    } catch let error as AWSError {
      guard Failure.meaning(error).reason == .permissionDenied else {
        throw try Failure.error(error, doing: "Looking at private addresses", outcome: .none)
      }
      findings.warn(
        "nic.addressUnchecked",
        "Whether the private addresses are free is not known: ec2:DescribeNetworkInterfaces is not allowed.",
        at: "/mapping/nics", action: "Allow it, or make sure that nobody has them.")
    }
  }

  /// Network interfaces that have one of the addresses, but for those of the job.
  private func holders(_ wishes: [Wish: Int]) async throws -> [(Wish, String)] {
    let filters = EC2.filters([
      ("subnet-id", Set(wishes.keys.map(\.subnet)).sorted()),
      ("addresses.private-ip-address", Set(wishes.keys.map(\.address)).sorted()),
    ])
    var found: [(Wish, String)] = []
    for item in try await account.ec2.all("DescribeNetworkInterfaces", in: "networkInterfaceSet", filters) {
      guard let subnet = item.string("subnetId"), let id = item.string("networkInterfaceId") else { continue }
      let others = item.items("privateIpAddressesSet").compactMap { $0.string("privateIpAddress") }
      let addresses = Set(others + [item.string("privateIpAddress")].compactMap(\.self))
      let taken = addresses.map { Wish(subnet: subnet, address: $0) }.filter { wishes[$0] != nil }
      guard !taken.isEmpty, try await !isOwn(item) else { continue }
      let instance = item.string("attachment/instanceId")
      let holder = instance.map { "instance \($0)" } ?? "network interface \(id)"
      found += taken.map { ($0, holder) }
    }
    return found.sorted { $0.0.address < $1.0.address }
  }

  /// A plan may be made again when the machine is there.
  private func isOwn(_ item: XMLElement) async throws -> Bool {
    if EC2.tags(of: item)[Mark.job] == job.rawValue { return true }
    guard let instance = item.string("attachment/instanceId") else { return false }
    return try await InstanceStore(ec2: account.ec2).look(instance)?.job == job.rawValue
  }

  private func block(_ code: String, _ summary: String, _ nic: Int, _ findings: inout Findings) {
    findings.block(
      code, summary, at: "/mapping/nics/\(nic)/addresses",
      action: "Choose an address that is free, or leave it to EC2.")
  }
}
