package pbxsim

import (
	"fmt"
	"slices"
)

// Office is the configuration of an office with that many extensions: the first is 200, and from the 201st on
// their numbers have four digits, from 5000. They have Danish names, all different up to 5,000 extensions, and
// all phones but every tenth answer automatically. There is a queue for every fifty extensions, but at least
// two and at most a hundred, with numbers from 400.
func Office(extensions int) Config {
	cfg := Config{Extensions: []Extension{}, Queues: []Queue{}}
	for i := range extensions {
		number := 200 + i
		if i >= 200 {
			number = 5000 + i - 200
		}
		first, last := firstNames[i%len(firstNames)], lastNames[i%len(lastNames)]
		cfg.Extensions = append(cfg.Extensions, Extension{Number: fmt.Sprint(number), Name: first + " " + last, AutoAnswer: i%10 != 3})
	}
	queues := min(max(extensions/50, 2), 100)
	for i := range queues {
		q := Queue{Number: fmt.Sprint(400 + i), Name: queueNames[i%len(queueNames)]}
		if again := i / len(queueNames); again > 0 {
			q.Name += fmt.Sprint(" ", again+1)
		}
		begin := i * extensions / queues
		for _, e := range cfg.Extensions[begin:min(begin+6, extensions)] {
			q.Members = append(q.Members, e.Number)
		}
		if i == 1 && extensions > 0 && !slices.Contains(q.Members, "200") {
			q.Members = append(q.Members, "200") // so that a client logged in as 200 has two queues
		}
		cfg.Queues = append(cfg.Queues, q)
	}
	return cfg
}

var queueNames = []string{"Reception", "Salg", "Support", "Økonomi", "Lager", "Værksted", "Bestilling", "Tandlæge Ågård", "Udlån", "Børnehave & SFO"}

// firstNames and lastNames have lengths without a common divisor, so that pairs chosen by the remainders of one
// number repeat late.
var firstNames = []string{"Anne", "Peter", "Kirsten", "Jens", "Mette", "Michael", "Hanne", "Lars", "Helle", "Thomas",
	"Anna", "Henrik", "Susanne", "Søren", "Lene", "Christian", "Maria", "Jan", "Marianne", "Martin",
	"Inge", "Niels", "Karen", "Anders", "Lone", "Morten", "Bente", "Jesper", "Camilla", "Bo",
	"Pia", "Hans", "Louise", "Ole", "Charlotte", "Per", "Jette", "Mads", "Tina", "Rasmus",
	"Gitte", "Jørgen", "Ida", "Frederik", "Astrid", "Åse", "Øjvind", "Asbjørn", "Bjørg", "Cecilie",
	"Dorthe", "Erik", "Freja", "Gunnar", "Håkon", "Ingrid", "Johannes", "Klara", "Leif", "Målfrid",
	"Nanna", "Oskar", "Poul", "Ragnhild", "Signe", "Troels", "Ulla", "Viggo", "Winnie", "Yrsa", "Æbbe"}

var lastNames = []string{"Jensen", "Nielsen", "Hansen", "Pedersen", "Andersen", "Christensen", "Larsen", "Sørensen", "Rasmussen", "Jørgensen",
	"Petersen", "Madsen", "Kristensen", "Olsen", "Thomsen", "Christiansen", "Poulsen", "Johansen", "Møller", "Mortensen",
	"Knudsen", "Jakobsen", "Mikkelsen", "Olesen", "Frederiksen", "Laursen", "Henriksen", "Lund", "Schmidt", "Eriksen",
	"Holm", "Kristiansen", "Clausen", "Simonsen", "Svendsen", "Andreasen", "Iversen", "Jeppesen", "Vestergaard", "Nissen",
	"Lauridsen", "Østergaard", "Mogensen", "Jespersen", "Kjær", "Nørgaard", "Dahl", "Skov", "Søndergaard", "Bech",
	"Bak", "Bruun", "Friis", "Ågård", "Dam", "Toft", "Krogh", "Winther", "Bang", "Kjeldsen",
	"Lassen", "Hedegaard", "Steffensen", "Lauritsen", "Gregersen", "Brandt", "Bertelsen", "Bonde", "Overgaard", "Juul", "Ravn", "Beck"}
