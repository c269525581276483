import ConnectorKit
import ConnectorProtocol
import Foundation

/// The network interfaces of a machine: subnets, security groups and addresses, all in one zone.
struct NetworkPlan: Sendable {
  var request: PlanPreflight
  var settings: Settings
  var subnets: [Subnet]
  /// Of each security group, by id: its VPC and name.
  var groups: [String: (vpc: String, name: String)]

  /// The interfaces; none where one of them cannot be, and why is among the findings.
  func nics(_ findings: inout Findings) -> (nics: [MachinePlan.NIC], zone: String)? {
    var wanted = request.machine.nics
    if wanted.isEmpty {
      wanted = [MachineDescription.NIC(index: 0)]
      findings.note("nic.added", "An instance has at least one network interface: it gets one.", at: "/machine/nics")
    }
    guard findings.checkNICs(wanted.count, most: MachineLimits.nics) else { return nil }
    if wanted.contains(where: { $0.mac != nil }), request.mapping.identity != "renew" {
      findings.note(
        "nic.mac", "EC2 gives network interfaces addresses of its own: the source's MAC addresses are not kept.",
        at: "/machine/nics")
    }
    var planned: [MachinePlan.NIC] = []
    var chosen: [Subnet] = []
    for nic in wanted {
      guard let subnet = subnet(for: nic, after: chosen.first, &findings) else { continue }
      chosen.append(subnet)
      planned.append(self.nic(nic, subnet, first: planned.isEmpty, &findings))
    }
    guard planned.count == wanted.count, let first = chosen.first else { return nil }
    for (nic, subnet) in zip(wanted, chosen) where subnet.zone != first.zone || subnet.vpc != first.vpc {
      let other = subnet.zone != first.zone ? "zone \(subnet.zone)" : subnet.vpc
      let all = subnet.zone != first.zone ? "zone \(first.zone)" : first.vpc
      findings.block(
        "subnet.zone",
        "Subnet \(subnet.id) is in \(other), that of the first network interface in \(all): an instance is in one zone and one VPC.",
        at: "/mapping/nics/\(nic.index)/network", action: "Choose subnets of one zone and one VPC.")
    }
    return (planned, first.zone)
  }

  private func subnet(
    for nic: MachineDescription.NIC, after first: Subnet?, _ findings: inout Findings
  ) -> Subnet? {
    let mapped =
      request.mapping.nics?[String(nic.index)]?.network ?? nic.network.flatMap { request.mapping.networks[$0] }
      ?? request.mapping.networks["*"]
    let at = mapped == nil ? "/options/subnetId" : "/mapping/networks"
    guard let wish = mapped ?? request.options["subnetId"]?.stringValue ?? settings.subnetId, !wish.isEmpty else {
      if let first { return first }
      return fallback(at: at, &findings)
    }
    let found = subnets.filter { $0.answers(to: wish) }
    guard let subnet = found.first, found.count == 1 else {
      findings.block(
        "subnet.unknown",
        found.isEmpty
          ? "There is no subnet '\(wish)' in \(settings.region)."
          : "There are several subnets '\(wish)' in \(settings.region).", at: at,
        action: "Choose one of \(subnets.map(\.id).sorted().prefix(12).joined(separator: ", ")).")
      return nil
    }
    return usable(subnet, at: at, &findings)
  }

  private func usable(_ subnet: Subnet, at: String, _ findings: inout Findings) -> Subnet? {
    guard let why = subnet.why else { return subnet }
    findings.block(
      "subnet.unusable", "Subnet \(subnet.id) cannot be used: \(why).", at: at, action: "Choose another subnet.")
    return nil
  }

  /// A default subnet; where there is none, the only one.
  private func fallback(at: String, _ findings: inout Findings) -> Subnet? {
    let usable = subnets.filter { $0.why == nil }.sorted { ($0.zone, $0.id) < ($1.zone, $1.id) }
    guard let subnet = usable.first(where: \.isDefault) ?? (usable.count == 1 ? usable.first : nil) else {
      findings.block(
        "subnet.none", "No subnet is chosen, and \(settings.region) has no default subnet.", at: at,
        action: "Set `subnetId`, or map the network interfaces.")
      return nil
    }
    findings.note(
      "subnet.defaulted", "Subnet \(subnet.id) in \(subnet.zone) is taken: none was chosen, and it is a default one.",
      at: at)
    return subnet
  }

  private func nic(
    _ nic: MachineDescription.NIC, _ subnet: Subnet, first: Bool, _ findings: inout Findings
  ) -> MachinePlan.NIC {
    let mapping = request.mapping.nics?[String(nic.index)]
    let at = "/mapping/nics/\(nic.index)"
    let own = mapping?.options?["securityGroupIds"]?.arrayValue?.compactMap(\.stringValue)
    let options = request.options["securityGroupIds"]?.arrayValue?.compactMap(\.stringValue)
    let groups = own ?? options.flatMap { $0.isEmpty ? nil : $0 } ?? settings.securityGroupIds
    if groups.isEmpty, first {
      findings.note("securityGroup.defaulted", "The default security group of \(subnet.vpc) is taken: none was chosen.")
    }
    let asked =
      mapping?.options?["publicAddress"]?.boolValue ?? (first ? request.options["publicAddress"]?.boolValue : nil)
    let isAlone = max(request.machine.nics.count, 1) == 1
    if asked == true, !isAlone {
      findings.warn(
        "nic.public", "EC2 gives a public address only to machines with one network interface: there is none.",
        at: at, action: "Associate an Elastic IP address when the machine is there.")
    }
    return MachinePlan.NIC(
      index: nic.index, subnetID: subnet.id, securityGroupIDs: resolve(groups, subnet, at: at, &findings),
      addresses: addresses(mapping?.addresses ?? [], subnet, at: at, &findings),
      publicAddress: isAlone && asked == true ? true : nil)
  }

  private func resolve(_ names: [String], _ subnet: Subnet, at: String, _ findings: inout Findings) -> [String] {
    names.compactMap { name in
      let matches = groups.filter { $0.key == name || ($0.value.name == name && $0.value.vpc == subnet.vpc) }
      guard let (id, group) = matches.first else {
        findings.block(
          "securityGroup.unknown", "There is no security group '\(name)' in \(subnet.vpc).", at: at,
          action: "Choose one that `inventory securityGroup` lists.")
        return nil
      }
      guard group.vpc == subnet.vpc else {
        findings.block(
          "securityGroup.vpc", "Security group \(id) is in \(group.vpc), subnet \(subnet.id) in \(subnet.vpc).", at: at,
          action: "Choose a security group of the subnet's VPC.")
        return nil
      }
      return id
    }
  }

  private func addresses(
    _ texts: [String], _ subnet: Subnet, at: String, _ findings: inout Findings
  ) -> [String] {
    texts.compactMap { text in
      let bare = text.split(separator: "/").first.map(String.init) ?? text
      guard let address = CIDR.address(bare), let range = CIDR(subnet.cidr), range.offers(address) else {
        findings.block(
          "nic.address",
          "\(text) is no address that subnet \(subnet.id) (\(subnet.cidr)) has to give: AWS keeps its first four and the last.",
          at: at + "/addresses", action: "Choose an address of the subnet, or leave it to EC2.")
        return nil
      }
      return bare
    }
  }
}
