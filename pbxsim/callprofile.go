package pbxsim

import "slices"

// The call profile of an extension: the numbers it presents and the devices that ring for it (vendor pages
// getCallProfile, setCallProfile). It does not affect calls, and no event reports it.

var profileDevices = [...]string{"local", "mobile", "teams"}

// numberTypes and routes are the values on the vendor's pages.
var (
	numberTypes = []string{"None", "Main", "Mobile", "Teams"}
	routes      = []string{"None"}
)

type profile struct {
	presents [len(profileDevices)]string // numberType
	rings    [len(profileDevices)][len(profileDevices)]bool
	route    string
}

func newProfile() profile {
	p := profile{presents: [...]string{"Main", "Mobile", "Teams"}, route: "None"}
	for i := range p.rings {
		p.rings[i][i] = true
	}
	return p
}

// presented returns the number of that type which an extension shows.
func (p *PBX) presented(e *extension, numberType string) string {
	switch numberType {
	case "Main":
		return p.cfg.Trunk
	case "Mobile":
		return "20" + ("000000" + e.Number)[len(e.Number):]
	case "Teams":
		return "70" + ("000000" + e.Number)[len(e.Number):]
	}
	return ""
}

func (p *PBX) getCallProfile(_ *link, r *request) (*element, error) {
	e, err := p.phone(r)
	if err != nil {
		return nil, err
	}
	numbers, matrix := tree("outgoingNumberPresentation"), tree("incomingCallMatrix")
	for i, name := range profileDevices {
		kind := e.profile.presents[i]
		numbers.kids = append(numbers.kids, tree(name+"NumberPresentation", text("numberType", kind), text("number", p.presented(e, kind))))
		row := tree(name + "Device")
		for j, other := range profileDevices {
			row.kids = append(row.kids, flag(other, e.profile.rings[i][j]))
		}
		matrix.kids = append(matrix.kids, row)
	}
	return tree("GetCallProfileResponse", tree("callProfile", numbers, matrix, text("routeHandling", e.profile.route))), nil
}

// setCallProfile applies what the request contains, and keeps the rest.
func (p *PBX) setCallProfile(_ *link, r *request) (*element, error) {
	e, err := p.phone(r)
	if err != nil {
		return nil, err
	}
	told := r.args.get("callProfile")
	if told == nil {
		return nil, errOperation("invalidParameterValue", "the request has no callProfile")
	}
	next := e.profile
	word := func(into *string, known []string, path ...string) {
		if v := told.value(path...); v != "" {
			if !slices.Contains(known, v) {
				err = errOperation("invalidParameterValue", "%s is not a value of %s", v, path[len(path)-1])
			}
			*into = v
		}
	}
	for i, name := range profileDevices {
		word(&next.presents[i], numberTypes, "outgoingNumberPresentation", name+"NumberPresentation", "numberType")
		for j, other := range profileDevices {
			if told.get("incomingCallMatrix", name+"Device", other) == nil {
				continue
			}
			is, wrong := r.truth("callProfile", "incomingCallMatrix", name+"Device", other)
			if wrong != nil {
				err = wrong
			}
			next.rings[i][j] = is
		}
	}
	word(&next.route, routes, "routeHandling")
	if err != nil {
		return nil, err
	}
	e.profile = next
	return tree("SetCallProfileResponse"), nil
}
